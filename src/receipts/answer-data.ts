import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { formFault } from '../json-body.ts';

/**
 * Returns the data of an answer of a tool, into which the pointers of marks lead: the structured
 * content; else the one text, if it is one JSON object or list that every parser reads alike; else
 * that text itself, under the pointer `""`.
 *
 * Undefined for anything else, for an answer that is an error, and if both forms are there and
 * differ: a client may read either.
 */
export function answerData(result: unknown): Json | undefined {
  if (!isJsonObject(result)) return undefined;
  if (result.isError !== undefined && result.isError !== false) return undefined;
  const { structuredContent: structured } = result;
  const text = soleText(result);
  const written = text === undefined ? undefined : dataOf(text);
  if (written === AMBIGUOUS) return undefined;
  if (structured === undefined) return written ?? text;
  if (!isJsonObject(structured)) return undefined;
  // Servers repeat structured content as text. Any other text is prose about it.
  if (written === undefined) return hasOnlyText(result) ? structured : undefined;
  return isSame(written, structured) ? structured : undefined;
}

/** Two parsers read the text differently. */
const AMBIGUOUS = Symbol('ambiguous');

const hasOnlyText = ({ content = [] }: JsonObject): boolean =>
  Array.isArray(content) && content.every((part) => isJsonObject(part) && part.type === 'text');

/** Returns the text of an answer that is one part of text and nothing else. */
function soleText({ content }: JsonObject): string | undefined {
  if (!Array.isArray(content) || content.length !== 1) return undefined;
  const [part] = content;
  if (!isJsonObject(part) || part.type !== 'text') return undefined;
  return typeof part.text === 'string' && part.text.isWellFormed() ? part.text : undefined;
}

/** Returns the object or the list that a text is as a whole. */
function dataOf(text: string): Json | typeof AMBIGUOUS | undefined {
  try {
    const value = JSON.parse(text) as Json;
    if (typeof value !== 'object' || value === null) return undefined;
    return formFault(text) === undefined ? value : AMBIGUOUS;
  } catch {
    return undefined;
  }
}

function isSame(one: Json, other: Json): boolean {
  try {
    return canonicalJson(one) === canonicalJson(other);
  } catch {
    return false;
  }
}
