import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  blockOf,
  formatCursor,
  type IndexKeys,
  matches,
  type RecordFilter,
  readCursor,
  Tagger,
  wantedTags,
  wantedTerms,
} from '../../../../src/audit/find/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { utf8 } from '../../../../src/encoding.ts';
import { addToIndex, dayOf } from '../../../../workers/issuer/search/day-index.ts';
import { type Found, findInLog, type SearchedLog } from '../../../../workers/issuer/search/find.ts';

const DAY = 24 * 3_600_000;
const START = Date.UTC(2026, 9, 29);
const key = (text: string) => Uint8Array.from(utf8(text.padEnd(32, '.').slice(0, 32)));
const KEYS: IndexKeys = { index: key('index'), ofPerson: key };

/** An archive of one log, with what its index consists of. */
function memoryArchive() {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  let reads = 0;
  return {
    objects,
    reads: () => reads,
    get: async (path: string) => {
      reads += 1;
      const bytes = objects.get(path);
      return bytes && { bytes, etag: String(bytes.length) };
    },
    replace: async (path: string, bytes: Uint8Array<ArrayBuffer>) => {
      objects.set(path, bytes);
      return String(bytes.length);
    },
    list: async (prefix: string) => {
      reads += 1;
      const paths = [...objects.keys()].filter((path) => path.startsWith(prefix)).sort();
      return { paths, isWhole: true };
    },
  };
}

interface Story {
  /** Of each record: the hours since the one before, and who it is about. */
  readonly steps: readonly { readonly hours: number; readonly who: number }[];
  readonly pending: number;
  /** Which objects of the index are lost. */
  readonly lost: readonly number[];
}

const NAMES = ['alice', 'bob', 'carol', 'dave'];

/** The records of a story: a full bundle of each step. */
function recordsOf({ steps }: Story): readonly AuditRecord[] {
  let at = START;
  let newest = 0;
  return steps.flatMap(({ hours, who }, place) => {
    // No clock is a day behind another.
    at = Math.max(at + hours * 3_600_000, newest - DAY / 2);
    newest = Math.max(newest, at);
    // One bundle of each step, about one person.
    return Array.from({ length: 256 }, (_, n) => ({
      event: 'decision',
      id: `v.${place}.${n}`,
      at: at + n,
      agent: `agent-${NAMES[who]}`,
      subject: NAMES[who],
      tool: n === 7 ? 'rare' : 'common',
    })) as unknown as AuditRecord[];
  });
}

async function openLog(story: Story): Promise<SearchedLog & { reads: () => number }> {
  const records = recordsOf(story);
  const committed = Math.max(0, records.length - story.pending);
  const full = Math.floor(committed / 256);
  const bundle = (number: number) => records.slice(256 * number, 256 * (number + 1));
  const today = dayOf(records.at(-1)?.at ?? START);
  const archive = memoryArchive();
  const newest = (number: number) => bundle(number).at(-1)?.at ?? 0;
  const sealed = Array.from({ length: full }, (_, number) => number).filter(
    (number) => dayOf(newest(number)) < today,
  );
  const blocks = sealed.map((number) => blockOf(number, bundle(number), new Tagger(KEYS)));
  await addToIndex(archive, blocks);
  const paths = [...archive.objects.keys()];
  for (const lost of story.lost) archive.objects.delete(paths[lost] ?? '');
  const months = new Map<string, number>();
  for (let number = 0; number < Math.max(1, full); number++) {
    const month = dayOf(newest(number)).slice(0, 7);
    if (!months.has(month)) months.set(month, number);
  }
  const rows = Array.from({ length: Math.ceil(committed / 256) }, (_, number) => number)
    .filter((number) => !sealed.includes(number))
    .map((number) =>
      blockOf(number, bundle(number).slice(0, committed - 256 * number), new Tagger(KEYS)),
    );
  return {
    committed,
    size: records.length,
    months: [...months],
    archive,
    reads: archive.reads,
    unsealed: async () => rows,
    read: async (from, limit) =>
      records
        .slice(from, from + limit)
        .map((record, place) => ({ log: 'control', index: from + place, record })),
  };
}

async function searchAll(log: SearchedLog, filter: RecordFilter, readsMax: number) {
  const wanted = wantedTags(wantedTerms(filter), KEYS);
  const indexes: number[] = [];
  let found: Found = { records: [], next: 0, isEnd: false };
  let pages = 0;
  for (; !found.isEnd; pages++) {
    if (pages > 500) throw new Error('the search does not end');
    const { next } = found;
    const limits = { recordsMax: 300, bytesMax: 100_000, readsMax };
    found = await findInLog(log, { filter, wanted, next, ...limits });
    indexes.push(...found.records.map(({ index }) => index));
  }
  return { indexes, pages };
}

const steps = fc.array(
  fc.record({ hours: fc.integer({ min: -30, max: 60 }), who: fc.integer({ min: 0, max: 3 }) }),
  { minLength: 1, maxLength: 12 },
);
const story = fc.record({
  steps,
  pending: fc.integer({ min: 0, max: 600 }),
  lost: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
});
const time = fc.option(fc.integer({ min: -2, max: 40 }), { nil: undefined });
const filter = fc.record({
  who: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  isRare: fc.boolean(),
  field: fc.constantFrom('agent', 'subject'),
  from: time,
  until: time,
});

test('a search finds what reading everything finds, in pages and with a part of the index lost', async () => {
  await fc.assert(
    fc.asyncProperty(story, filter, fc.integer({ min: 3, max: 40 }), async (a, wish, readsMax) => {
      const log = await openLog(a);
      const name = wish.who === undefined ? undefined : (NAMES[wish.who] ?? 'mallory');
      const value = wish.field === 'agent' ? `agent-${name}` : name;
      const looked: RecordFilter = {
        where: {
          ...(name !== undefined && { [wish.field]: value }),
          ...(wish.isRare && { tool: 'rare' }),
        },
        ...(wish.from !== undefined && { from: START + wish.from * DAY }),
        ...(wish.until !== undefined && { until: START + wish.until * DAY }),
      };
      const expected = recordsOf(a).flatMap((record, index) =>
        matches(record, looked) ? [index] : [],
      );
      expect((await searchAll(log, looked, readsMax)).indexes).toEqual(expected);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a lost index hides no bundle before one that a slower clock dates a day earlier', async () => {
  const steps = [0, -1, 25].map((hours) => ({ hours, who: 0 }));
  const log = await openLog({ steps, pending: 0, lost: [0] });
  const { indexes } = await searchAll(log, { where: {}, from: START }, 100);
  expect(indexes).toHaveLength(2 * 256);
});

test('a search by a name reads only bundles that have it', async () => {
  const days = Array.from({ length: 40 }, (_, day) => ({ hours: 24, who: day === 20 ? 1 : 0 }));
  const log = await openLog({ steps: days, pending: 0, lost: [] });
  let read = 0;
  const counted: SearchedLog = {
    ...log,
    read: (from, limit) => {
      read += 1;
      return log.read(from, limit);
    },
  };
  const { indexes } = await searchAll(counted, { where: { subject: 'bob' } }, 1_000);
  expect(indexes).toHaveLength(256);
  expect(read).toBe(1);
});

test('a search since a time does not read the index of the days before', async () => {
  const days = Array.from({ length: 60 }, () => ({ hours: 24, who: 0 }));
  const log = await openLog({ steps: days, pending: 0, lost: [] });
  const from = START + 58 * DAY;
  const before = log.reads();
  const { indexes } = await searchAll(log, { where: {}, from }, 1_000);
  expect(indexes).toHaveLength(3 * 256);
  // For each page the list of a month, the two days before, and two days.
  expect(log.reads() - before).toBeLessThan(20);
});

test('a cursor is read back from its text, and another text is no cursor', () => {
  const cursor = new Map([
    ['control', 12],
    ['decisions-1-0', 0],
  ] as const);
  expect(formatCursor(cursor)).toBe('control:12,decisions-1-0:0');
  expect(readCursor(formatCursor(cursor))).toEqual(cursor);
  expect(readCursor('')).toEqual(new Map());
  for (const text of ['control', 'control:-1', 'control:01', 'x:1', 'control:1,control:2', ',']) {
    expect(readCursor(text), text).toBeUndefined();
  }
  const many = Array.from({ length: 65 }, (_, log) => `feed-${log}:1`).join(',');
  expect(readCursor(many)).toBeUndefined();
});
