import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type DecisionRecord,
  findTrailFault,
  type LinkedRecord,
  linkInput,
  TRAIL_START,
} from '../../../src/audit/index.ts';

const record = (n: number): DecisionRecord => ({
  event: 'decision',
  id: `v.${n}`,
  at: n,
  verifier: 'v',
  n,
  blocks: [],
  allowed: true,
});

function link(records: readonly DecisionRecord[]): LinkedRecord[] {
  let previous = TRAIL_START;
  return records.map((each, index) => {
    const hash = createHash('sha256')
      .update(linkInput(previous, index + 1, each))
      .digest('hex');
    const linked = { seq: index + 1, previous, hash, record: each };
    previous = hash;
    return linked;
  });
}

const LOG = link([1, 2, 3, 4].map(record));
const [first, second, third, fourth] = LOG as [
  LinkedRecord,
  LinkedRecord,
  LinkedRecord,
  LinkedRecord,
];

describe('a trail without a fault', () => {
  test.each<[string, readonly LinkedRecord[]]>([
    ['the whole log', LOG],
    ['nothing', []],
    ['the trail of one workflow, which skips others', [first, third]],
    ['a page from the middle', [second, third]],
  ])('%s', async (_, trail) => expect(await findTrailFault(trail)).toBeUndefined());

  test('hashes the same after storing has dropped an undefined member', async () => {
    const [linked] = link([{ ...record(1), tool: undefined } as unknown as DecisionRecord]);
    const stored = JSON.parse(JSON.stringify([linked])) as LinkedRecord[];
    expect(await findTrailFault(stored)).toBeUndefined();
  });
});

describe('a trail is at fault', () => {
  const altered = { ...second, record: { ...record(2), allowed: false } };
  const forged = link([{ ...record(2), allowed: false }])[0] as LinkedRecord;

  test.each<readonly [string, readonly LinkedRecord[], string, number]>([
    ['with an altered record', [first, altered, third], 'hash_mismatch', 2],
    [
      'with an added member',
      [{ ...first, record: { ...record(1), tool: 'x' } }],
      'hash_mismatch',
      1,
    ],
    ['with another hash', [{ ...first, hash: TRAIL_START }], 'hash_mismatch', 1],
    [
      'with an altered record and a new hash',
      [first, { ...forged, seq: 2 }, third],
      'link_broken',
      2,
    ],
    ['with a record replaced at the start', [{ ...second, seq: 1 }], 'link_broken', 1],
    [
      'with a record dropped and the rest renumbered',
      [first, { ...third, seq: 2 }],
      'link_broken',
      2,
    ],
    ['reordered', [first, third, second], 'out_of_order', 2],
    [
      'reordered and renumbered',
      [first, { ...third, seq: 2 }, { ...second, seq: 3 }],
      'link_broken',
      2,
    ],
    ['with a record twice', [first, second, second], 'out_of_order', 2],
    [
      'with two exchanged bodies',
      [first, { ...second, record: fourth.record }],
      'hash_mismatch',
      2,
    ],
  ])('%s', async (_, trail, fault, seq) => {
    expect(await findTrailFault(trail)).toEqual({ seq, fault });
  });
});
