/**
 * A key file on disk: created once, changed atomically, readable only by its owner.
 *
 * Replacing a damaged file with new keys would make every token and every signed head of its state
 * a forgery. So a damaged file is an error, and is never overwritten.
 */
import { chmod, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { UnixSeconds } from '../clock.ts';
import { createFile, isCode, replaceFile, targetOf } from '../durable-file.ts';
import { type Result, refuse } from '../result.ts';
import { readSource } from '../source-file.ts';
import { generateKeyFile, type KeyFile, readContents } from './contents.ts';

export type UnreadableKeyFile =
  | { readonly code: 'key_file_missing'; readonly file: string }
  | { readonly code: 'key_file_damaged'; readonly file: string; readonly why: string };

export type KeyFileError =
  | UnreadableKeyFile
  /** Another process is changing it, or was interrupted while it did. */
  | { readonly code: 'key_file_locked'; readonly file: string; readonly lock: string };

export async function readKeyFile(file: string): Promise<Result<KeyFile, UnreadableKeyFile>> {
  const text = await readIfPresent(file);
  if (text === undefined) return refuse({ code: 'key_file_missing', file });
  const contents = readContents(text);
  return contents.ok ? contents : refuse({ code: 'key_file_damaged', file, why: contents.error });
}

/** Creates the file unless it exists. Returns whether this call created it. */
export async function makeKeyFile(file: string, now: UnixSeconds): Promise<boolean> {
  const folder = dirname(file);
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) {
    await chmod(folder, 0o700); // Whatever the umask is.
  }
  // If two processes start at once, one file wins and both read it.
  return createFile(file, textOf(generateKeyFile(now)), OWNER_ALONE);
}

/** Reads, changes and replaces the file, one process at a time. A refusal changes nothing. */
export async function changeKeyFile<E>(
  file: string,
  change: (contents: KeyFile) => Result<KeyFile, E>,
): Promise<Result<KeyFile, KeyFileError | E>> {
  // Beside the target of a link, so that two names of one file have one lock.
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
