import { readFile } from 'node:fs/promises';
import { decodeSource } from '../source-text.ts';

/** The text of a file. Rejects where it cannot be read; with `NOT_UTF8` where it is not UTF-8. */
export const readSource = async (path: string): Promise<string> => strict(await readFile(path));

/** The text of bytes, as of standard input. */
export function strict(bytes: Uint8Array): string {
  const text = decodeSource(bytes);
  if (!text.ok) throw Object.assign(new Error('it is not UTF-8'), { code: 'NOT_UTF8' });
  return text.value;
}
