import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  COMMITMENTS,
  keyIdsOf,
  NO_PERSON,
  openEntry,
  openingsOf,
  openWith,
  PERSONAL,
  peopleOf,
  type SubjectKey,
  toEntry,
} from '../../../../src/audit/entry/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { canonicalJson, type Json } from '../../../../src/canonical-json.ts';
import { fromUtf8, toHex, utf8 } from '../../../../src/encoding.ts';
import { ALICE, BOB, RECORDS } from './records.ts';

const sha = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(text).digest());
const keyOf = (person: string): SubjectKey => ({
  id: toHex(sha(`id of ${person}`)).slice(0, 32),
  key: sha(`key of ${person}`),
});
const KEYS = new Map(['', ALICE, BOB, 'agent', 'vx'].map((who) => [keyOf(who).id, keyOf(who).key]));
const without = (...people: readonly string[]) => {
  const gone = new Set(people.map((one) => keyOf(one).id));
  return (id: string) => (gone.has(id) ? undefined : KEYS.get(id));
};
const textOf = (entry: Uint8Array): string => fromUtf8(entry) ?? '';
const read = (entry: Uint8Array) => JSON.parse(textOf(entry)) as Record<string, Json>;
const { decision } = RECORDS;

describe('an entry', () => {
  test('has the commitment of the reference vector', async () => {
    const record = { ...decision, subject: 'alice@example.com' };
    const key = { id: '0'.repeat(32), key: sha('subject key of alice') };
    const { entry, side } = await toEntry(record, () => key);
    expect(read(entry)[COMMITMENTS]).toMatchObject({
      subject: 'z3mXWIL_J72pQO5IqxBd5iDauHPMo4pu5uUYF8ouRWk',
    });
    const openings = await openingsOf(entry, side, () => key.key);
    expect(openings).toMatchObject({
      ok: true,
      value: [{ key: 'b08a2b28e4e9826cfe0baa18b19db22a6d576f76cdacb0903e5061a6d49b40de' }],
    });
  });

  test.each(Object.entries(RECORDS))('of a %s says nothing of a person', async (_, record) => {
    const { entry, side } = await toEntry(record, keyOf);
    expect(textOf(entry)).not.toMatch(/alice|bob|192\.0\.2\.1/);
    expect(textOf(entry)).toBe(canonicalJson(read(entry)));
    expect(Buffer.from(side).toString('latin1')).not.toMatch(/alice|bob/);
  });

  test.each(Object.entries(RECORDS))('of a %s opens to its record', async (_, record) => {
    const { entry, side } = await toEntry(record, keyOf);
    const opened = await openEntry(entry, side, without());
    expect(opened).toEqual({ ok: true, value: { record, erased: [] } });
  });

  test.each(Object.entries(RECORDS))('of a %s opens without erased keys', async (_, record) => {
    const { entry, side } = await toEntry(record, keyOf);
    const opened = await openEntry(entry, side, () => undefined);
    if (!opened.ok) throw new Error(opened.error.code);
    expect(opened.value.record).toMatchObject({ id: record.id, event: record.event });
    expect(opened.value.erased).toEqual(Object.keys((read(entry)[COMMITMENTS] ?? {}) as object));
    // The side alone, without a key, names no person.
    expect(keyIdsOf(side).every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });

  test('is the same bytes each time it is made', async () => {
    const [one, two] = [await toEntry(decision, keyOf), await toEntry(decision, keyOf)];
    expect(one).toEqual(two);
  });

  test('looks different for two records of one person', async () => {
    const one = read((await toEntry(decision, keyOf)).entry)[COMMITMENTS] as Record<string, Json>;
    const other = { ...decision, id: 'vx.9' };
    const two = read((await toEntry(other, keyOf)).entry)[COMMITMENTS] as Record<string, Json>;
    for (const name of Object.keys(one)) expect(two[name]).not.toBe(one[name]);
  });

  test('shows an agent, an owner and datasets that name no person', async () => {
    const record = { ...decision, datasets: ['letters/1'] };
    expect(read((await toEntry(record, keyOf)).entry)).toMatchObject({
      agent: record.agent,
      owner: record.owner,
      datasets: record.datasets,
      tool: 'read',
      code: 'check_failed',
    });
  });

  test.each([
    ['an agent that is its own subject', { ...decision, agent: ALICE }, 'agent'],
    ['an agent with an e-mail address', { ...decision, agent: 'carol@example.com' }, 'agent'],
    ['an owner with an e-mail address', { ...decision, owner: 'carol@example.com' }, 'owner'],
    ['a tool that a caller named after a person', { ...decision, tool: 'for alice' }, 'tool'],
  ])('hides %s', async (_, record, member) => {
    const { entry } = await toEntry(record, keyOf);
    expect(Object.hasOwn(read(entry), member)).toBe(false);
    expect(Object.hasOwn(read(entry)[COMMITMENTS] as object, member)).toBe(true);
  });

  test('of a kind that this release does not know hides all that it says', async () => {
    const record = { event: 'newer', id: 'n.1', at: 1, workflow: 'w', who: ALICE, commitments: 1 };
    const { entry, side } = await toEntry(record as unknown as AuditRecord, keyOf);
    const { [COMMITMENTS]: hidden, ...rest } = read(entry);
    expect(rest).toEqual({ event: 'newer', id: 'n.1', at: 1, workflow: 'w' });
    expect(Object.keys(hidden as object)).toEqual(['commitments', 'who']);
    expect(await openEntry(entry, side, without())).toEqual({
      ok: true,
      value: { record, erased: [] },
    });
  });

  test('tells a text from a number, and a text from a list that is written the same', async () => {
    const commitment = async (reason: unknown) => {
      const record = { ...RECORDS.rule_armed, reason } as unknown as AuditRecord;
      return (read((await toEntry(record, keyOf)).entry)[COMMITMENTS] as { reason: string }).reason;
    };
    const commitments = await Promise.all(['1', 1, '[1]', [1], '"1"'].map(commitment));
    expect(new Set(commitments).size).toBe(commitments.length);
  });
});

describe('erasing', () => {
  test('a subject leaves the name of the person who approved', async () => {
    const { entry, side } = await toEntry(RECORDS.approval_decided, keyOf);
    const opened = await openEntry(entry, side, without(ALICE));
    if (!opened.ok) throw new Error(opened.error.code);
    expect(opened.value.record).toMatchObject({ by: BOB });
    expect(opened.value.erased).toEqual(['reason', 'subject', 'task']);
  });

  test('an approver leaves the subject', async () => {
    const { entry, side } = await toEntry(RECORDS.mint, keyOf);
    const opened = await openEntry(entry, side, without(BOB));
    if (!opened.ok) throw new Error(opened.error.code);
    expect(opened.value.record).toMatchObject({ subject: ALICE, approval: { id: 'a1' } });
    expect(opened.value.erased).toEqual(['approval.by']);
  });

  test('a subject does not change a byte of the entry', async () => {
    const { entry } = await toEntry(decision, keyOf);
    const openings = await openingsOf(entry, undefined, without());
    expect(openings).toEqual({ ok: true, value: [] });
  });
});

describe('people of a record', () => {
  test.each<[string, AuditRecord, readonly string[]]>([
    ['the subject', decision, [ALICE]],
    ['the subject of a watermark', RECORDS.watermark, [ALICE]],
    ['the subject of a denial', RECORDS.denial, [ALICE]],
    ['the subject and the approver of a mint', RECORDS.mint, [ALICE, BOB]],
    ['the agent if there is no subject', RECORDS.refusals, ['agent']],
    ['no person', RECORDS.rule_armed, [NO_PERSON]],
  ])('are %s', (_, record, people) => {
    expect([...peopleOf(record)].sort()).toEqual([...people].sort());
  });

  test('are absent if nothing is personal', () => {
    expect(peopleOf(RECORDS.gap)).toEqual([]);
  });
});

describe('opening refuses', () => {
  test('the side of another record', async () => {
    const { entry } = await toEntry(decision, keyOf);
    const { side } = await toEntry({ ...decision, id: 'vx.9' }, keyOf);
    expect(await openEntry(entry, side, without())).toMatchObject({
      error: { code: 'side_mismatch' },
    });
  });

  test('a side that says another subject under the right key', async () => {
    const { entry } = await toEntry(decision, keyOf);
    const forged = { ...decision, subject: BOB };
    const { side } = await toEntry(forged, () => keyOf(ALICE));
    expect(await openEntry(entry, side, without())).toMatchObject({
      error: { code: 'side_mismatch' },
    });
  });

  test('a side with any byte changed', async () => {
    const { entry, side } = await toEntry(RECORDS.rule_armed, keyOf);
    for (let index = 16; index < side.length; index++) {
      const changed = side.slice();
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect((await openEntry(entry, changed, without())).ok, `byte ${index}`).toBe(false);
    }
  });

  test.each([
    ['text', utf8('x')],
    ['a list', utf8('[]')],
    ['an object without an id', utf8('{}')],
    ['commitments of another form', utf8('{"id":"a","commitments":[]}')],
    ['bytes that are not UTF-8', Uint8Array.of(0xff)],
  ])('an entry that is %s', async (_, entry) => {
    expect(await openEntry(entry, undefined, without())).toEqual({
      ok: false,
      error: { code: 'entry_malformed' },
    });
  });

  test('an opening with another value, another key or a member without a commitment', async () => {
    const { entry, side } = await toEntry(decision, keyOf);
    const openings = await openingsOf(entry, side, without());
    const [opening] = openings.ok ? openings.value : [];
    if (!opening) throw new Error('no opening');
    expect(openWith(entry, [opening])).toMatchObject({ ok: true, value: { record: decision } });
    for (const forged of [
      { ...opening, members: { ...opening.members, subject: BOB } },
      { ...opening, members: { code: 'x' } },
      { ...opening, key: '0'.repeat(64) },
      { ...opening, key: 'x' },
    ]) {
      expect(openWith(entry, [forged]).ok).toBe(false);
    }
  });
});

test('no kind of record has a personal member that finds or counts it', () => {
  const names = Object.values(PERSONAL).flatMap((members) => members.map(({ name }) => name));
  for (const name of ['event', 'id', 'at', 'verifier', 'n', 'workflow', COMMITMENTS]) {
    expect(names).not.toContain(name);
  }
});
