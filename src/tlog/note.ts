import { fromUtf8, toHex } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** A line below a note. Its signature counts only once a key has verified it. */
export interface NoteSignature {
  readonly name: string;
  /** The four bytes of the key id, as hex. */
  readonly keyId: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** A text with signatures, as c2sp.org/signed-note writes it. */
export interface Note {
  /** What is signed, with its last line break. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Room for 32 witnesses with post-quantum signatures of 5 kB each. */
export const NOTE_BYTES_MAX = 256 * 1024;
/** The format asks for at least 16. */
const SIGNATURES_MAX = 100;

const KEY_ID_BYTES = 4;
const SIGNATURE = /^\u2014 ([^ ]+) ([^ ]+)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note may have only line breaks.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** Returns whether a text can name a key: not empty, without white space and without a plus. */
export const isKeyName = (name: string): boolean =>
  name !== '' && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name) && !CONTROL.test(name);

/**
 * Returns a note without checking any signature. One signature line that cannot be
 * read makes the whole note malformed.
 */
export function readNote(note: string | Uint8Array): Result<Note, 'note_malformed'> {
  if (note.length > NOTE_BYTES_MAX) return refuse('note_malformed');
  const whole = typeof note === 'string' ? note : fromUtf8(note);
  if (whole === undefined) return refuse('note_malformed');
  if (!whole.isWellFormed() || CONTROL.test(whole)) return refuse('note_malformed');
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) return refuse('note_malformed');
  const signatures = readSignatures(whole.slice(end + 2));
  if (!signatures || signatures.length === 0) return refuse('note_malformed');
  return ok({ text: whole.slice(0, end + 1), signatures });
}

/** Returns signature lines, as a witness answers them; undefined if one cannot be read. */
export function readSignatures(lines: string): readonly NoteSignature[] | undefined {
  if (lines === '') return [];
  if (!lines.endsWith('\n')) return undefined;
  const each = lines.slice(0, -1).split('\n');
  if (each.length > SIGNATURES_MAX) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of each) {
    const [, name = '', encoded = ''] = SIGNATURE.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (!isKeyName(name) || !bytes || bytes.length <= KEY_ID_BYTES) return undefined;
    signatures.push({
      name,
      keyId: toHex(bytes.subarray(0, KEY_ID_BYTES)),
      signature: bytes.slice(KEY_ID_BYTES),
    });
  }
  return signatures;
}

/** Returns a note as text. */
export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(formatSignature).join('')}`;

/** Returns a signature as the line of a note, with its line break. */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.length);
  for (let i = 0; i < KEY_ID_BYTES; i++)
    bytes[i] = Number.parseInt(keyId.slice(2 * i, 2 * i + 2), 16);
  bytes.set(signature, KEY_ID_BYTES);
  return `\u2014 ${name} ${toBase64(bytes)}\n`;
}
