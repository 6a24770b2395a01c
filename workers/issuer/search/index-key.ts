import type { Key } from '../../../src/audit/entry/index.ts';
import type { Archive } from '../archive/archive.ts';

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
