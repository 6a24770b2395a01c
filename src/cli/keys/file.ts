/**
 * A key file on disk: made once, changed in one step, readable by its owner alone.
 *
 * A new key in the place of an old one would turn every token and every signed head of the state
 * behind it into a forgery, so a file that is damaged stops whoever reads it, and stays as it is.
 */
import { chmod, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFile, isCode, replaceFile, targetOf } from '../../durable-file.ts';
import { type Result, refuse } from '../../result.ts';
import { readSource } from '../source-file.ts';
import { generateKeyFile, type KeyFile, readContents } from './contents.ts';

export type UnreadableKeyFile =
  | { readonly code: 'key_file_missing'; readonly file: string }
  | { readonly code: 'key_file_damaged'; readonly file: string; readonly why: string };

export type KeyFileError =
  | UnreadableKeyFile
  /** Somebody else is changing it, or was and ended in the middle. */
  | { readonly code: 'key_file_locked'; readonly file: string; readonly lock: string };

export async function readKeyFile(file: string): Promise<Result<KeyFile, UnreadableKeyFile>> {
  const text = await readIfPresent(file);
  if (text === undefined) return refuse({ code: 'key_file_missing', file });
  const contents = readContents(text);
  return contents.ok ? contents : refuse({ code: 'key_file_damaged', file, why: contents.error });
}

/** Makes the file where there is none; true where this call made it. */
export async function makeKeyFile(file: string, now: number): Promise<boolean> {
  const folder = dirname(file);
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) {
    await chmod(folder, 0o700); // whatever the umask took or left
  }
  // Two first starts at once: one file wins, and both read that one.
  return createFile(file, textOf(generateKeyFile(now)), OWNER_ALONE);
}

/** Reads, changes and replaces the file, one process at a time. A refusal leaves it as it is. */
export async function changeKeyFile<E>(
  file: string,
  change: (contents: KeyFile) => Result<KeyFile, E>,
): Promise<Result<KeyFile, KeyFileError | E>> {
  // Beside what the name leads to: two names of one file have one lock.
  const lock = `${await targetOf(file)}.lock`;
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    if (isCode(error, 'EEXIST')) return refuse({ code: 'key_file_locked', file, lock });
    if (isCode(error, 'ENOENT')) return refuse({ code: 'key_file_missing', file });
    throw error;
  }
  try {
    const contents = await readKeyFile(file);
    const changed = contents.ok ? change(contents.value) : contents;
    if (changed.ok) await replaceFile(file, textOf(changed.value), OWNER_ALONE);
    return changed;
  } finally {
    await unlink(lock);
  }
}

const OWNER_ALONE = 0o600;

const textOf = (contents: KeyFile): string => `${JSON.stringify(contents, null, 2)}\n`;

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readSource(file);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
