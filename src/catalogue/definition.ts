import { canonicalJson, type Json, type JsonObject } from '../canonical-json.ts';
import { toHex, utf8 } from '../encoding.ts';

/** What a model reads of a tool, and what a client decides by. */
const MEMBERS = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'];

/**
 * Returns the digest of a tool's definition as a server lists it: SHA-256 of the RFC 8785 form of
 * its name, title, description, schemas and annotations, in lower-case hex. Undefined for a
 * definition that has no such form.
 *
 * @example
 * ```ts
 * import { definitionDigest } from 'hewn/catalogue';
 *
 * const listed = { name: 'search', inputSchema: { type: 'object' } };
 * console.log(await definitionDigest(listed)); // 64 hex digits, for `definition` of the catalogue
 * ```
 */
export async function definitionDigest(definition: JsonObject): Promise<string | undefined> {
  const entries = MEMBERS.filter((name) => Object.hasOwn(definition, name)).map(
    (name) => [name, definition[name] as Json] as const,
  );
  let text: string;
  try {
    text = canonicalJson(Object.fromEntries(entries));
  } catch {
    return undefined; // A lone surrogate, or deeper than the stack.
  }
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
}
