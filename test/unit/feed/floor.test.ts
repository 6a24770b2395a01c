import { describe, expect, test } from 'vitest';
import { type FeedFloor, FeedReplica, type FloorStore } from '../../../src/feed/index.ts';
import { type FloorMemory, loadFloor, saveFloor } from '../../../src/feed/replica/floor.ts';
import { ISSUER } from '../fixtures/issuer.ts';
import { entry, feedKeys, headOver } from '../fixtures/log.ts';

const LOG = [1, 2, 3].map((seq) => entry(seq));
const headAt = (count: number) => headOver(LOG.slice(0, count), count);
const [one, two, three] = [await headAt(1), await headAt(2), await headAt(3)];

/** A store whose writes take as long as a test wants. */
function slowStore() {
  const written: number[] = [];
  const waiting: (() => void)[] = [];
  const store: FloorStore = {
    load: async () => undefined,
    save: (floor: FeedFloor) =>
      new Promise((resolve) => {
        waiting.push(() => {
          written.push(floor.seq);
          resolve();
        });
      }),
  };
  return { store, written, finish: () => waiting.shift()?.() };
}

describe('a floor', () => {
  test('is written in order, never an older one after a newer one', async () => {
    const { store, written, finish } = slowStore();
    const memory: FloorMemory = {};
    const all = [one, three, two].map((head) => saveFloor(head, store, memory));
    for (let turns = 0; turns < 20; turns++) {
      finish();
      await Promise.resolve();
    }
    await Promise.all(all);
    expect(written).toEqual([1, 3]);
  });

  test('is written once a minute while the position stays the same', async () => {
    const written: number[] = [];
    const store = {
      load: async () => undefined,
      save: async ({ issued_at }: FeedFloor) => void written.push(issued_at - one.issued_at),
    };
    const memory: FloorMemory = {};
    for (const later of [0, 30, 59, 60, 61]) {
      await saveFloor({ ...one, issued_at: one.issued_at + later }, store, memory);
    }
    expect(written).toEqual([0, 60]);
  });

  test('is written again after a failed write', async () => {
    let failing = true;
    const written: number[] = [];
    const save = async ({ seq }: FeedFloor) => {
      if (failing) throw new Error('disk full');
      written.push(seq);
    };
    const memory: FloorMemory = {};
    await saveFloor(one, { load: async () => undefined, save }, memory);
    failing = false;
    await saveFloor(one, { load: async () => undefined, save }, memory);
    expect(written).toEqual([1]);
  });

  test('stops the feed while it cannot be read', async () => {
    const replica = new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey });
    let failing = true;
    const load = async () => {
      if (failing) throw new Error('disk');
      return undefined;
    };
    const store = { load, save: async () => {} };
    const memory: FloorMemory = {};
    expect(await loadFloor(replica, store, memory)).toBe(false);
    failing = false;
    expect(await loadFloor(replica, store, memory)).toBe(true);
  });
});
