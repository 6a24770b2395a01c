import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { replaceFile } from '../durable-file.ts';
import type { FeedFloor, FloorStore } from '../feed/index.ts';

const whole = (minimum: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(minimum));
const CONTENTS = v.strictObject({
  epoch: whole(1),
  seq: whole(0),
  issued_at: whole(0),
  chain: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/**
 * The floor of a feed in a file, so that a verifier that starts anew follows nothing older than its
 * last life did. One file for each process and shard.
 *
 * Where there is no file, there is no floor yet: whoever can delete it can take a verifier back, so
 * it belongs where only the verifier writes. One that cannot be read or is damaged stops the feed
 * (`load` throws): a floor that is taken for none would let an old head in without a word.
 */
export function floorFile(file: string): FloorStore {
  if (typeof file !== 'string' || file === '' || file.includes('\0')) {
    throw new TypeError('floorFile: the file must be a path, as a non-empty text');
  }
  let newest: FeedFloor | undefined;
  /** One write after the other: two at once could leave the older one. */
  let turn: Promise<void> = Promise.resolve();
  const write = async (floor: FeedFloor): Promise<void> => {
    if (newest && isBehind(floor, newest)) return;
    // On the disk, whole: a floor that a power cut takes back is none.
    await replaceFile(file, `${JSON.stringify(floor)}\n`, 0o600);
    newest = floor;
  };
  return {
    load: () => read(file),
    save: ({ epoch, seq, chain, issued_at }) => {
      const written = turn.then(() => write({ epoch, seq, chain, issued_at }));
      turn = written.catch(() => undefined);
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
  if (!contents.success) throw new Error(`the floor file ${file} is damaged; it is left as it is`);
  return contents.output;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
