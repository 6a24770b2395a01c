/** The keys of a local run: generated once, kept in an ignored file, never replaced. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeyFile, makeKeyFile, readKeyFile } from '../../src/key-file/index.ts';
import { ok, type Result, refuse } from '../../src/result.ts';

export type LocalKeys = KeyFile;

export interface LocalKeysError {
  readonly code: 'local_keys_damaged';
  readonly file: string;
  /** What is wrong and what to do about it, for a person. Contains no key. */
  readonly message: string;
}

export interface LoadedKeys {
  readonly keys: LocalKeys;
  readonly file: string;
  /** True if this call created the file. `npm start` prints it once. */
  readonly generated: boolean;
}

const FILE = 'local.json';

/** Reads `<folder>/local.json`, and creates it if it is missing. */
export async function loadLocalKeys(folder: string): Promise<Result<LoadedKeys, LocalKeysError>> {
  const file = join(folder, FILE);
  const present = await readKeyFile(file);
  if (present.ok) return ok({ keys: present.value, file, generated: false });
  if (present.error.code !== 'key_file_missing') return damaged(file, present.error.why);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700); // `mkdir` does not apply `mode` to a folder that exists.
  const generated = await makeKeyFile(file, Math.floor(Date.now() / 1000));
  // If two first starts race, one file wins and both read it.
  const made = await readKeyFile(file);
  if (made.ok) return ok({ keys: made.value, file, generated });
  return damaged(
    file,
    made.error.code === 'key_file_missing' ? 'it has disappeared' : made.error.why,
  );
}

const damaged = (file: string, why: string): Result<never, LocalKeysError> =>
  refuse({
    code: 'local_keys_damaged',
    file,
    message:
      `The keys for local use in ${file} cannot be used: ${why}. They are not replaced ` +
      'automatically, because everything that they signed would be lost. Put a copy of the file back, or delete it together with the folder .wrangler/state ' +
      'to start over.',
  });
