/** The keys of a local run: generated once, kept in an ignored file, never replaced. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeyFile, makeKeyFile, readKeyFile } from '../../src/cli/index.ts';
import { ok, type Result, refuse } from '../../src/result.ts';

export type LocalKeys = KeyFile;

export interface LocalKeysError {
  readonly code: 'local_keys_damaged';
  readonly file: string;
  /** What is wrong and what to do about it, as one text for a person. It shows no key. */
  readonly message: string;
}

export interface LoadedKeys {
  readonly keys: LocalKeys;
  readonly file: string;
  /** True where this call made the file: the one time that a person is to be told. */
  readonly generated: boolean;
}

const FILE = 'local.json';

/** Reads `<folder>/local.json`, and makes it where there is none. */
export async function loadLocalKeys(folder: string): Promise<Result<LoadedKeys, LocalKeysError>> {
  const file = join(folder, FILE);
  const present = await readKeyFile(file);
  if (present.ok) return ok({ keys: present.value, file, generated: false });
  if (present.error.code !== 'key_file_missing') return damaged(file, present.error.why);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700); // `mode` above is not applied to a folder that was there before
  const generated = await makeKeyFile(file, Math.floor(Date.now() / 1000));
  // Two first starts at once: one file wins, and both read that one.
  const made = await readKeyFile(file);
  if (made.ok) return ok({ keys: made.value, file, generated });
  return damaged(file, made.error.code === 'key_file_missing' ? 'it is gone' : made.error.why);
}

const damaged = (file: string, why: string): Result<never, LocalKeysError> =>
  refuse({
    code: 'local_keys_damaged',
    file,
    message:
      `The keys for local use in ${file} cannot be used: ${why}. They are not replaced by ` +
      'themselves, because everything that the old keys signed would be lost with them. Put a copy of the file back; or delete it together with the folder .wrangler/state ' +
      'to begin anew.',
  });
