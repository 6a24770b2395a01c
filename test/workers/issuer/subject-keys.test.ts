import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { openEntry, peopleOf, toEntry } from '../../../src/audit/entry/index.ts';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import { type IssuerEnv, subjectKeys } from '../../../workers/issuer/platform/env.ts';
import {
  digitOf,
  heldKeys,
  keysById,
  keysOf,
  knownKeysOf,
  legalHolds,
} from '../../../workers/issuer/subject-keys/keys.ts';

/** The keys of people, across the sixteen objects. */
const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const ALICE = 'https://idp.example#alice';
const BOB = 'https://idp.example#bob';
const store = (person: string) => subjectKeys(env, digitOf(person));
const erase = (subject: string) => store(subject).erase({ subject, actor: 'operator' });
const hold = (subject: string) =>
  store(subject).hold({ subject, actor: 'operator', reason: 'a claim' });

const record: DecisionRecord = {
  event: 'decision',
  id: 'vx.1',
  at: 1_790_000_000_000,
  verifier: 'vx',
  n: 1,
  subject: ALICE,
  blocks: [],
  allowed: true,
};

async function fix() {
  return toEntry(record, await keysOf(env, peopleOf(record)));
}

async function open({ entry, side }: Awaited<ReturnType<typeof fix>>) {
  const key = (await knownKeysOf(env, [ALICE]))(ALICE);
  const opened = await openEntry(entry, side, await keysById(env, key ? [key.id] : []));
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

describe('the key of a person', () => {
  test('is made once, and stays after its object was evicted', async () => {
    const before = (await keysOf(env, [ALICE, BOB]))(ALICE);
    await evictDurableObject(store(ALICE));
    const after = (await keysOf(env, [BOB, ALICE, ALICE]))(ALICE);
    expect(after).toEqual(before);
    expect(before.key).toHaveLength(32);
    expect(before.id).toMatch(new RegExp(`^${digitOf(ALICE)}[0-9a-f]{31}$`));
  });

  test('is not made by asking whether there is one', async () => {
    expect((await knownKeysOf(env, [ALICE]))(ALICE)).toBeUndefined();
    const made = (await keysOf(env, [ALICE]))(ALICE);
    expect((await knownKeysOf(env, [ALICE]))(ALICE)).toEqual(made);
  });

  test('is found by its id, with those of other objects', async () => {
    const people = Array.from({ length: 40 }, (_, n) => `person ${n}`);
    const keys = await keysOf(env, people);
    const ids = people.map((person) => keys(person).id);
    const found = await keysById(env, [...ids, 'z'.repeat(32), '0'.repeat(32)]);
    for (const person of people) expect(found(keys(person).id)).toEqual(keys(person).key);
    expect(found('0'.repeat(32))).toBeUndefined();
  });

  test('is stored without the name of the person', async () => {
    await keysOf(env, [ALICE]);
    const rows = await runInDurableObject(store(ALICE), (_, { storage }) =>
      storage.sql.exec('SELECT person, id FROM subject_key').toArray(),
    );
    expect(JSON.stringify(rows)).not.toContain('alice');
  });
});

describe('erasing a person', () => {
  test('leaves the entry as it is and hides what it said', async () => {
    const fixed = await fix();
    expect(await open(fixed)).toEqual({ record, erased: [] });
    expect(await erase(ALICE)).toMatchObject({ ok: true, value: { recorded: true } });
    const { record: rest, erased } = await open(fixed);
    expect(erased).toEqual(['subject']);
    expect(rest).toEqual({ ...record, subject: undefined });
  });

  test('does not let a person who comes back open the earlier records', async () => {
    const before = await fix();
    await erase(ALICE);
    const after = await fix();
    expect(after.entry).not.toEqual(before.entry);
    expect((await open(before)).erased).toEqual(['subject']);
    expect((await open(after)).erased).toEqual([]);
  });

  test('leaves the keys of others', async () => {
    const bob = (await keysOf(env, [ALICE, BOB]))(BOB);
    await erase(ALICE);
    expect((await knownKeysOf(env, [BOB]))(BOB)).toEqual(bob);
  });

  test('refuses a person of whom nothing is known', async () => {
    expect(await erase(ALICE)).toEqual({ ok: false, error: { code: 'no_key' } });
  });

  test('is refused under a legal hold, until the last hold is released', async () => {
    await keysOf(env, [ALICE]);
    const [one, two] = [await hold(ALICE), await hold(ALICE)];
    expect(await erase(ALICE)).toMatchObject({ error: { code: 'held', holds: [one, two] } });
    expect(await store(ALICE).release(one.id)).toBe(true);
    expect(await store(ALICE).release(one.id)).toBe(false);
    expect(await erase(ALICE)).toMatchObject({ error: { code: 'held', holds: [two] } });
    expect(await store(ALICE).release(two.id)).toBe(true);
    expect((await erase(ALICE)).ok).toBe(true);
  });
});

test('a legal hold covers the records that a person will have', async () => {
  const set = await hold(ALICE);
  expect(await legalHolds(env)).toEqual([set]);
  const { id } = (await keysOf(env, [ALICE]))(ALICE);
  await keysOf(env, [BOB]);
  expect(await heldKeys(env)).toEqual(new Set([id]));
});
