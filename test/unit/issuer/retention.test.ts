import { describe, expect, test } from 'vitest';
import { type SubjectKey, toEntry } from '../../../src/audit/entry/index.ts';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { encodeBundle } from '../../../src/tlog/index.ts';
import type { Archive } from '../../../workers/issuer/archive/archive.ts';
import { retain } from '../../../workers/issuer/log/retention.ts';
import { encodeSides } from '../../../workers/issuer/log/seal/tail.ts';
import { ALICE, BOB, RECORDS } from '../audit/entry/records.ts';
import { keyOf } from '../audit/proof/signed-log.ts';

/** An archive in memory, whose lists are short, and which can stop after some writes. */
class MemoryArchive implements Archive {
  readonly objects = new Map<string, Uint8Array<ArrayBuffer>>();
  writes = Number.POSITIVE_INFINITY;

  async get(path: string) {
    const bytes = this.objects.get(path);
    return bytes && { bytes, etag: 'e' };
  }
  async create(path: string, bytes: Uint8Array<ArrayBuffer>) {
    this.#write();
    if (this.objects.has(path)) return 'equal';
    this.objects.set(path, bytes);
    return 'created';
  }
  async replace() {
    return undefined;
  }
  async list(prefix: string, after = '') {
    const paths = [...this.objects.keys()].filter((path) => path.startsWith(prefix)).sort();
    const rest = paths.filter((path) => path > after);
    return { paths: rest.slice(0, 7), isWhole: rest.length <= 7 };
  }
  async delete(paths: readonly string[]) {
    this.#write();
    for (const path of paths) this.objects.delete(path);
  }
  #write(): void {
    if (this.writes === 0) throw new Error('the archive does not answer');
    this.writes -= 1;
  }
}

const MONTHS = [
  ['2026-01', 0],
  ['2026-02', 3],
  ['2026-11', 5],
] as const;
const NOW = Date.UTC(2026, 10, 28);
const recordOf = (person: string): AuditRecord => ({ ...RECORDS.decision, subject: person });

/** Each bundle has records of two people; bundles 1 and 3 have one of Alice. */
async function archive(): Promise<MemoryArchive> {
  const filled = new MemoryArchive();
  for (const bundle of Array.from({ length: 6 }, (_, n) => n)) {
    const [month] = MONTHS.findLast(([, first]) => first <= bundle) ?? MONTHS[0];
    const people = [bundle === 1 || bundle === 3 ? ALICE : BOB, BOB];
    const fixed = await Promise.all(
      people.map((person) => toEntry(recordOf(person), keyOf as (who: string) => SubjectKey)),
    );
    const bytes = encodeBundle(fixed.map(({ entry }) => entry));
    filled.objects.set(`m/${month}/entries/00${bundle}`, bytes);
    filled.objects.set(`m/${month}/side/00${bundle}`, encodeSides(fixed.map(({ side }) => side)));
    filled.objects.set(`tile/0/00${bundle}`, new Uint8Array(32));
  }
  for (const [month] of MONTHS) {
    filled.objects.set(`m/${month}/index/${month}-01`, new Uint8Array(1));
  }
  for (const path of ['checkpoint', 'tail', 'tail-side']) {
    filled.objects.set(path, new Uint8Array(1));
  }
  return filled;
}

const run = (from: MemoryArchive, keptMonths: number, held: readonly string[] = []) =>
  retain({
    archive: from,
    months: MONTHS,
    keptMonths,
    now: NOW,
    heldKeys: async () => new Set(held.map((person) => keyOf(person).id)),
  });
const monthsOf = ({ objects }: MemoryArchive) => [
  ...new Set([...objects.keys()].flatMap((path) => /^m\/([\d-]+)\//.exec(path)?.[1] ?? [])),
];
const heldOf = ({ objects }: MemoryArchive) =>
  [...objects.keys()].filter((path) => path.startsWith('held/')).sort();

describe('retention', () => {
  test.each([
    [12, ['2026-01', '2026-02', '2026-11']],
    [10, ['2026-01', '2026-02', '2026-11']],
    [9, ['2026-02', '2026-11']],
    [8, ['2026-11']],
    [1, ['2026-11']],
  ])('of %d months keeps them, whole', async (kept, months) => {
    const filled = await archive();
    expect((await run(filled, kept)).isDone).toBe(true);
    expect(monthsOf(filled)).toEqual(months);
  });

  test('never deletes tiles, the checkpoint, the tail, or the month that is written', async () => {
    const filled = await archive();
    await run(filled, 0);
    expect([...filled.objects.keys()].sort()).toEqual([
      'checkpoint',
      'm/2026-11/entries/005',
      'm/2026-11/index/2026-11-01',
      'm/2026-11/side/005',
      'tail',
      'tail-side',
      ...Array.from({ length: 6 }, (_, n) => `tile/0/00${n}`),
    ]);
  });

  test('keeps bundles with records of a person under a legal hold, until it is released', async () => {
    const filled = await archive();
    const before = new Map(filled.objects);
    expect(await run(filled, 1, [ALICE])).toMatchObject({ held: 2, isDone: true });
    const kept = ['held/entries/001', 'held/entries/003', 'held/side/001', 'held/side/003'];
    expect(heldOf(filled)).toEqual(kept);
    expect(filled.objects.get('held/side/003')).toEqual(before.get('m/2026-02/side/003'));
    expect(monthsOf(filled)).toEqual(['2026-11']);
    await run(filled, 1, [ALICE]);
    expect(heldOf(filled)).toEqual(kept);
    await run(filled, 1, []);
    expect(heldOf(filled)).toEqual([]);
  });

  test('continues after it was stopped at any write, and loses nothing that is held', async () => {
    for (let writes = 0; ; writes++) {
      const filled = await archive();
      filled.writes = writes;
      const stopped = await run(filled, 1, [ALICE]).then(
        () => false,
        () => true,
      );
      filled.writes = Number.POSITIVE_INFINITY;
      await run(filled, 1, [ALICE]);
      expect(heldOf(filled), `after ${writes} writes`).toHaveLength(4);
      expect(monthsOf(filled)).toEqual(['2026-11']);
      if (!stopped) break;
    }
  });
});
