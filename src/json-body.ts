import { readBytes } from './body.ts';
import type { Json } from './canonical-json.ts';
import { fromUtf8 } from './encoding.ts';
import { ok, type Result, refuse } from './result.ts';

/** Also accepted: `application/merge-patch+json`. Only UTF-8 is JSON (RFC 8259 section 8.1). */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:; *charset="?utf-8"? *)?$/i;
const DEPTH_MAX = 64; // JSON.stringify recurses, and the stack holds some thousands.

/** Why a body is not accepted. */
export type JsonBodyError =
  | { readonly code: 'body_too_large'; readonly bytesMax: number }
  | { readonly code: 'body_invalid'; readonly why: string }
  | {
      readonly code: 'body_type_unsupported';
      readonly header: 'content-type' | 'content-encoding';
    };

/**
 * Reads a JSON body to its end, within a bound. An empty one has no value. Accepts one value that
 * every parser reads alike: a member that is given twice is refused, and so is a body in another
 * form than its headers say.
 */
export async function readJsonBody(
  request: Request,
  bytesMax: number,
): Promise<Result<Json | undefined, JsonBodyError>> {
  // The read fails if the client is gone before the body is complete.
  const read = await readBytes(request, bytesMax).catch(() => undefined);
  if (!read) return invalid('incomplete');
  if (!read.ok) return refuse({ code: 'body_too_large', bytesMax });
  const { value: bytes } = read;
  if (bytes.length === 0) return ok(undefined);
  const { headers } = request;
  // Checked for any body: `request.json()` of a handler does not look at the type.
  if (!JSON_TYPE.test(headers.get('content-type') ?? '')) return unsupported('content-type');
  if (headers.has('content-encoding')) return unsupported('content-encoding');
  const text = fromUtf8(bytes);
  if (text === undefined) return invalid('not UTF-8');
  const value = parseJson(text);
  if (value === undefined) return invalid('not JSON');
  const fault = formFault(text);
  return fault === undefined ? ok(value) : invalid(fault);
}

/** Returns the value of a JSON text. Returns undefined for any other text. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const invalid = (why: string): Result<never, JsonBodyError> =>
  refuse({ code: 'body_invalid', why });

const unsupported = (header: 'content-type' | 'content-encoding'): Result<never, JsonBodyError> =>
  refuse({ code: 'body_type_unsupported', header });

/** Strings, each with the colon that makes it a name, and brackets. Linear for valid JSON. */
const TOKENS = /("[^"\\]*(?:\\.[^"\\]*)*")([ \t\n\r]*:)?|[[\]{}]/g;

/**
 * Returns what is wrong with a text although it is JSON: it nests too deeply, or a member is given
 * twice. `JSON.parse` takes the last of two members, and other parsers take the first.
 */
export function formFault(json: string): string | undefined {
  /** The names of each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (const [token, text, colon] of json.matchAll(TOKENS)) {
    if (text !== undefined) {
      if (colon === undefined) continue;
      const names = open.at(-1);
      const name: string = JSON.parse(text);
      if (names?.has(name)) return 'a member is given twice';
      names?.add(name);
    } else if (token === '}' || token === ']') open.pop();
    else if (open.push(token === '{' ? new Set() : undefined) > DEPTH_MAX) {
      return 'nested too deeply';
    }
  }
  return undefined;
}
