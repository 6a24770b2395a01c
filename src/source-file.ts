import { readFile } from 'node:fs/promises';
import { decodeSource } from './source-text.ts';

/** Reads a text file. Rejects if it cannot be read, with the code `NOT_UTF8` if it is not UTF-8. */
export const readSource = async (path: string): Promise<string> =>
  decodeStrictly(await readFile(path));

/** Decodes UTF-8. Throws with the code `NOT_UTF8`. */
export function decodeStrictly(bytes: Uint8Array): string {
  const text = decodeSource(bytes);
  if (!text.ok) throw Object.assign(new Error('not UTF-8'), { code: 'NOT_UTF8' });
  return text.value;
}
