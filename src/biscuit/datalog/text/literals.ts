/** Literals on one line: names, strings, numbers, dates, bytes, keys. */
import { fromHex } from '../../../encoding.ts';
import type { Int64, PublicKey, Term } from '../ast.ts';
import { bool, compact, INT64_MAX, INT64_MIN, NULL } from '../terms.ts';
import { expect, reject, type Source, takeMatch } from './source.ts';

/**
 * Most names are ASCII, and the first use of `\p{…}` costs milliseconds of a cold start. So it is
 * used only if there is a character beyond ASCII.
 */
const ASCII_NAME = /[A-Za-z0-9_:]*/y;
const NAME = /[\p{L}\p{N}_:]+/uy;
const STRING = /"([^"\\]*(?:\\["\\n][^"\\]*)*)"/y;
const DATE = /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))/y;
const INTEGER = /-?\d+/y;
// A literal ends where a name could not continue. Nothing beyond ASCII can follow one anyway.
const BYTES = /hex:((?:[0-9a-fA-F]{2})*)(?![\w:]|[^\0-\x7f])/y;
const WORD = /(true|false|null)(?![\w:]|[^\0-\x7f])/y;
const KEY = /(ed25519|secp256r1)\/((?:[0-9a-fA-F]{2})+)(?![\w:]|[^\0-\x7f])/y;

/** Returns where the name that starts at `at` ends, or `at` if no name starts there. */
export function endOfName(text: string, at: number): number {
  ASCII_NAME.lastIndex = at;
  ASCII_NAME.exec(text);
  const end = ASCII_NAME.lastIndex;
  if (!(text.charCodeAt(end) > 0x7f)) return end;
  NAME.lastIndex = at;
  return NAME.exec(text) === null ? at : NAME.lastIndex;
}

export function takeName(source: Source, what: string): string | undefined {
  const start = source.at;
  const end = endOfName(source.text, start);
  if (end === start) return expect(source, what);
  source.at = end;
  return source.text.slice(start, end);
}

/**
 * Reads the text between quotes and resolves `\"`, `\\` and `
 * `.
 */
export function takeString(source: Source): string | undefined {
  const found = takeMatch(source, STRING, 'a string in quotes');
  return found?.[1]?.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
}

export function takeInteger(source: Source): Int64 | undefined {
  const start = source.at;
  const found = takeMatch(source, INTEGER, 'an integer');
  if (found === undefined) return undefined;
  const value = BigInt(found[0]);
  if (value >= INT64_MIN && value <= INT64_MAX) return compact(value);
  return reject(source, start, 'an integer of 64 bits');
}

/** Seconds since 1970. A fraction of a second is truncated. */
function takeDate(source: Source): number | undefined {
  const start = source.at;
  const found = takeMatch(source, DATE, 'a date');
  if (found === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(Number);
  const [offsetHours, offsetMinutes] = [Number(found[8] ?? 0), Number(found[9] ?? 0)];
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exact =
    time.getUTCFullYear() === year && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  const inDay = hour < 24 && minute < 60 && second < 60 && offsetHours < 24 && offsetMinutes < 60;
  const offset = (offsetHours * 60 + offsetMinutes) * (found[7] === '-' ? -60 : 60);
  const seconds = time.getTime() / 1000 - offset;
  if (exact && inDay && seconds >= 0) return seconds;
  return reject(source, start, 'a date of the calendar, in or after 1970');
}

/** Reads any literal that is not a collection; returns undefined if there is none. */
export function takeScalar(source: Source): Term | undefined {
  const text = takeString(source);
  if (text !== undefined) return { kind: 'string', value: text };
  const seconds = takeDate(source);
  if (seconds !== undefined) return { kind: 'date', value: seconds };
  const integer = takeInteger(source);
  if (integer !== undefined) return { kind: 'integer', value: integer };
  const hex = takeMatch(source, BYTES, 'bytes in hex')?.[1];
  if (hex !== undefined)
    return { kind: 'bytes', value: fromHex(hex.toLowerCase()) ?? new Uint8Array() };
  const word = takeMatch(source, WORD, 'true, false or null')?.[1];
  return word === undefined ? undefined : word === 'null' ? NULL : bool(word === 'true');
}

/** RFC 8032, and compressed SEC 1. */
const KEY_BYTES = { ed25519: 32, secp256r1: 33 } as const;

export function takePublicKey(source: Source): PublicKey | undefined {
  const start = source.at;
  const found = takeMatch(source, KEY, 'a public key');
  const bytes = fromHex(found?.[2]?.toLowerCase() ?? '');
  if (found === undefined || bytes === undefined) return undefined;
  const algorithm = found[1] === 'ed25519' ? 'ed25519' : 'secp256r1';
  const length = KEY_BYTES[algorithm];
  // A key of another length would be printed, signed and sent, and then refused by every reader.
  if (bytes.length !== length) return reject(source, start, `a key of ${length} bytes`);
  return { algorithm, bytes };
}
