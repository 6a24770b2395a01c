import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { replaceFile } from '../durable-file.ts';
import type { FeedFloor, FloorStore } from '../feed/index.ts';

const integerFrom = (minimum: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(minimum));
const CONTENTS = v.strictObject({
  epoch: integerFrom(1),
  seq: integerFrom(0),
  issued_at: integerFrom(0),
  chain: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/**
 * Keeps the floor of a feed in a file, so that a restarted verifier follows nothing older than it
 * did before. Use one file per process and shard. Throws a TypeError for a path that is not a
 * non-empty string.
 *
 * A missing file means that there is no floor yet, so anyone who can delete it can take a verifier
 * back in time: keep it where only the verifier writes. If the file is unreadable or damaged,
 * `load` throws and the feed stops. Treating it as missing would silently accept an old head.
 *
 * @example
 * ```ts
 * import { FeedClient } from 'hewn/feed';
 * import { floorFile } from 'hewn/verifier/node';
 *
 * const floor = floorFile('/var/lib/api/hewn-floor.json');
 * const client = new FeedClient({ issuer, feedKey, fetch: (path) => fetch(issuer + path), floor });
 * console.log(client.head);
 * ```
 */
export function floorFile(file: string): FloorStore {
  if (typeof file !== 'string' || file === '' || file.includes('\0')) {
    throw new TypeError('floorFile: `file` must be a path, as a non-empty string without NUL');
  }
  let newest: FeedFloor | undefined;
  /** Writes follow each other: of two at once, the older could win. */
  let previous: Promise<void> = Promise.resolve();
  const write = async (floor: FeedFloor): Promise<void> => {
    if (newest && isBehind(floor, newest)) return;
    // Flushed and replaced whole: a floor must survive a power cut.
    await replaceFile(file, `${JSON.stringify(floor)}\n`, 0o600);
    newest = floor;
  };
  return {
    load: () => read(file),
    save: ({ epoch, seq, chain, issued_at }) => {
      const written = previous.then(() => write({ epoch, seq, chain, issued_at }));
      previous = written.catch(() => undefined);
      return written;
    },
  };
}

const isBehind = (one: FeedFloor, other: FeedFloor): boolean =>
  one.epoch < other.epoch || one.seq < other.seq || one.issued_at < other.issued_at;

async function read(file: string): Promise<FeedFloor | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const contents = v.safeParse(CONTENTS, parseJson(text));
  if (!contents.success) {
    throw new Error(`the floor file ${file} is damaged; it was not changed`);
  }
  return contents.output;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
