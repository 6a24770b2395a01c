import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { keysOf, knownKeysOf } from '../../../workers/issuer/subject-keys/keys.ts';
import { readMerged } from './merged.ts';
import { admin, env } from './token.scene.ts';

/** An operator erases people and puts legal holds on them. */
afterEach(() => reset());

const ALICE = 'https://idp.example#alice';
const DAYS_30 = 30 * 24 * 60 * 60 * 1000;

const records = async () =>
  (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
    record.event === 'erasure' || record.event === 'hold' ? [record] : [],
  );

describe('erasing a person', () => {
  test('says when it is complete, and is recorded without the person', async () => {
    const { id } = (await keysOf(env, [ALICE]))(ALICE);
    const { status, body } = await admin('audit/erasures', { subject: ALICE, reference: 'DSR-1' });
    expect(status).toBe(200);
    expect(Date.parse(String(body.complete_at)) - Date.parse(String(body.at))).toBe(DAYS_30);
    expect(body.recorded).toBe(true);
    const written = await records();
    expect(written).toEqual([
      {
        event: 'erasure',
        id: body.erasure,
        at: Date.parse(String(body.at)),
        key: id,
        actor: 'operator',
        reference: 'DSR-1',
        via: { source: 'api' },
      },
    ]);
    expect(JSON.stringify(written)).not.toContain('alice');
    expect((await knownKeysOf(env, [ALICE]))(ALICE)).toBeUndefined();
    expect(await admin('audit/erasures', { subject: ALICE })).toMatchObject({
      status: 404,
      body: { error: 'subject_unknown' },
    });
  });

  test('refuses a subject that is not text', async () => {
    expect(await admin('audit/erasures', { subject: '' })).toMatchObject({ status: 400 });
    expect(await admin('audit/erasures', { subject: '\ud800' })).toMatchObject({ status: 400 });
    expect(await admin('audit/erasures', { subject: ALICE, by: 'x' })).toMatchObject({
      status: 400,
    });
  });
});

describe('a legal hold', () => {
  test('refuses the erasure until it is released, and both are recorded', async () => {
    const set = await admin('audit/holds', { subject: ALICE, reason: 'a claim' });
    expect(set).toMatchObject({ status: 201, body: { subject: ALICE, reason: 'a claim' } });
    expect((await admin('audit/holds')).body).toEqual({ holds: [set.body] });
    expect(await admin('audit/erasures', { subject: ALICE })).toMatchObject({
      status: 409,
      body: { error: 'subject_held' },
    });
    const release = `audit/holds/${String(set.body.hold)}/release`;
    expect(await admin(release, { reason: 'settled' })).toEqual({ status: 200, body: set.body });
    expect(await admin(release, { reason: 'settled' })).toMatchObject({
      status: 404,
      body: { error: 'hold_unknown' },
    });
    expect((await admin('audit/holds')).body).toEqual({ holds: [] });
    expect(await records()).toMatchObject([
      { event: 'hold', change: 'set', subject: ALICE, hold: set.body.hold, reason: 'a claim' },
      { event: 'hold', change: 'released', subject: ALICE, reason: 'settled' },
    ]);
    expect(await admin('audit/erasures', { subject: ALICE })).toMatchObject({ status: 200 });
    const left = await records();
    expect(left).toMatchObject([{ change: 'set' }, { change: 'released' }, { event: 'erasure' }]);
    expect(JSON.stringify(left)).not.toMatch(/alice|a claim|settled/);
  });

  test('is named by its id', async () => {
    expect(await admin('audit/holds/alice/release', { reason: 'x' })).toMatchObject({
      status: 404,
      body: { error: 'hold_unknown' },
    });
  });
});
