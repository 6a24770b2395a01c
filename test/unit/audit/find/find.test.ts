import { expect, test } from 'vitest';
import {
  FIELDS,
  type IndexBlock,
  type IndexKeys,
  matches,
  mayHave,
  mergeBlocks,
  type RecordFilter,
  readBlocks,
  Tagger,
  tagsOf,
  termsOf,
  wantedTags,
  wantedTerms,
  writeBlocks,
} from '../../../../src/audit/find/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { utf8 } from '../../../../src/encoding.ts';
import { EXPORTED } from '../export/records.ts';

const key = (text: string) => Uint8Array.from(utf8(text.padEnd(32, '.').slice(0, 32)));
const erased = new Set<string>();
const KEYS: IndexKeys = {
  index: key('index'),
  ofPerson: (person) => (erased.has(person) ? undefined : key(person.split('').reverse().join(''))),
};
const ALICE = 'https://idp.example#alice';
const RECORDS = EXPORTED.map(({ record }) => record);

const blockOf = (record: AuditRecord, bundle = 0): IndexBlock => ({
  bundle,
  oldest: record.at,
  newest: record.at,
  tags: tagsOf(record, new Tagger(KEYS)),
});
const mayFind = (block: IndexBlock, filter: RecordFilter): boolean =>
  mayHave(block, filter, wantedTags(wantedTerms(filter), KEYS));

/** Every filter with one term of a record. */
const filtersOf = (record: AuditRecord): readonly RecordFilter[] =>
  termsOf(record).flatMap(({ field, value }) =>
    value === undefined ? [] : [{ where: { [field]: value } }],
  );

test('the index leads to every record that a filter matches, also where a value is personal', () => {
  const personal = {
    ...(RECORDS.find(({ id }) => id === 'v7-0.2') as AuditRecord),
    id: 'personal',
    tool: 'mail/alice@example.com',
    datasets: ['mail/alice'],
    agent: 'agent of alice@example.com',
  } as AuditRecord;
  const records = [...RECORDS, personal];
  const filters = records.flatMap(filtersOf);
  expect(filters.length).toBeGreaterThan(100);
  for (const filter of filters) {
    for (const record of records) {
      if (matches(record, filter)) expect(mayFind(blockOf(record), filter)).toBe(true);
    }
  }
});

test('every field has a record that it finds, and one that it does not', () => {
  for (const field of FIELDS) {
    const [filter] = RECORDS.flatMap(filtersOf).filter(({ where }) => where[field] !== undefined);
    expect(filter, field).toBeDefined();
    const found = RECORDS.filter((record) => matches(record, filter as RecordFilter));
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(RECORDS.length);
    expect(mayFind({ ...blockOf(found[0] as AuditRecord), tags: new Set() }, filter as never)).toBe(
      false,
    );
  }
});

test('no personal value has a tag under the key of the index', () => {
  const personal = { ...RECORDS[0], id: 'p', agent: 'bob@example.com', subject: undefined };
  const tags = tagsOf(personal as never, new Tagger(KEYS));
  const guess = wantedTags([{ field: 'agent', value: 'bob@example.com' }], KEYS);
  // It is still found: the bundle may have any agent.
  expect(guess[0]?.some((tag) => tags.has(tag))).toBe(true);
  expect(tags.has(guess[0]?.[0] ?? '')).toBe(false);
});

test('a subject cannot be found any more once its key is erased', () => {
  const record = RECORDS.find(({ subject }) => subject === ALICE) as AuditRecord;
  const block = blockOf(record);
  const filter = { where: { subject: ALICE } };
  expect(mayFind(block, filter)).toBe(true);
  erased.add(ALICE);
  expect(mayFind(block, filter)).toBe(false);
  expect(tagsOf(record, new Tagger(KEYS)).size).toBeLessThan(block.tags.size);
  erased.clear();
});

test('a workflow is found with those below it only if the whole tree is requested', () => {
  const [root, child] = ['wf_AAAAAAAAAAAAAAAAAAAAAA', 'wf_AAAAAAAAAAAAAAAAAAAAAA.BBBB'];
  const record = { ...RECORDS[0], workflow: child } as AuditRecord;
  expect(matches(record, { where: { workflow: root } })).toBe(false);
  expect(matches(record, { where: { workflow: root }, isTree: true })).toBe(true);
  expect(matches(record, { where: { workflow: child } })).toBe(true);
  expect(mayFind(blockOf(record), { where: { workflow: root }, isTree: true })).toBe(true);
});

test('a bundle outside the time that is requested is left out', () => {
  const block = { bundle: 3, oldest: 100, newest: 200, tags: new Set<string>() };
  expect(mayHave(block, { from: 200 }, [])).toBe(true);
  expect(mayHave(block, { from: 201 }, [])).toBe(false);
  expect(mayHave(block, { until: 100 }, [])).toBe(false);
  expect(mayHave(block, { until: 101 }, [])).toBe(true);
});

test('reads back the blocks that it writes, and nothing else', () => {
  const blocks = RECORDS.map((record, bundle) => blockOf(record, bundle));
  const merged = blocks.reduce((a, b) => mergeBlocks(a, b));
  expect(merged.tags.size).toBeGreaterThan(20);
  const bytes = writeBlocks([...blocks, merged]);
  expect(readBlocks(bytes)).toEqual([...blocks, merged]);
  expect(readBlocks(bytes.slice(0, -1))).toBeUndefined();
  expect(readBlocks(new Uint8Array([2]))).toBeUndefined();
  expect(readBlocks(writeBlocks([]))).toEqual([]);
});
