import type { Key } from '../../../src/audit/entry/index.ts';
import type { IndexKeys } from '../../../src/audit/find/index.ts';
import { type LogName, OLD_LOG } from '../../../src/audit/index.ts';
import type { Archive } from '../archive/archive.ts';
import { archiveOf, type IssuerEnv } from '../platform/env.ts';
import { knownKeysOf } from '../subject-keys/keys.ts';

const PATH = 'index-key';
const KEY_BYTES = 32;

/**
 * Returns the key of a log's index, and makes it at the first call. It is in the archive, so that a
 * restore from the archive alone has it. A reader of the archive has the entries as well: the key
 * only keeps the index from saying more than they do.
 */
export async function indexKeyOf(archive: Pick<Archive, 'get' | 'create'>): Promise<Key> {
  const known = await archive.get(PATH);
  if (known) return known.bytes;
  const made = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  if ((await archive.create(PATH, made)) === 'created') return made;
  const other = await archive.get(PATH);
  if (!other) throw new Error('the key of the index was made by another writer, and is gone');
  return other.bytes;
}

/**
 * Returns the keys of the index of the log `old`. Its entries name people in the clear and under no
 * key of theirs, so the tags of people are under the key of the index.
 */
export async function oldIndexKeys(archive: Pick<Archive, 'get' | 'create'>): Promise<IndexKeys> {
  const index = await indexKeyOf(archive);
  return { index, ofPerson: () => index };
}

/** Returns the keys of a log's index for what names these people. Makes no key of a person. */
export async function indexKeysOf(
  env: IssuerEnv,
  log: LogName,
  people: Iterable<string>,
): Promise<IndexKeys> {
  const archive = archiveOf(env, log);
  if (log === OLD_LOG) return await oldIndexKeys(archive);
  // A subject is in the index under its own key: erasing the key erases it there as well.
  const [index, keyOf] = await Promise.all([indexKeyOf(archive), knownKeysOf(env, people)]);
  return { index, ofPerson: (person) => keyOf(person)?.key };
}
