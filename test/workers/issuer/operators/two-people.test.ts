import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { canonicalJson, type JsonObject } from '../../../../src/canonical-json.ts';
import { hexDigest } from '../../../../workers/issuer/operators/session-token.ts';
import { OPERATOR } from '../../../storage/dump/scene.ts';
import { bearer, startProvider, tokenOf, withDirectory } from './scene.ts';

const variables = withDirectory({
  twoPeople: ['lift', 'activate-policy', 'resume', 'approve', 'hold'],
});

beforeEach(() => startProvider());
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const DENIAL = { scope: 'agent', value: 'https://idp.example#report-agent', reason: 'incident 7' };
const LIFT = { ...DENIAL, reason: 'over' };

type Json = Readonly<Record<string, unknown>>;

async function send(token: string, method: string, path: string, body?: object) {
  const answer = await bearer(token, method, path, { variables, ...(body && { body }) });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
}

const person = (sub: string, ...groups: string[]) => tokenOf({ sub, groups }, variables);
const denials = async (token: string) => (await send(token, 'GET', '/denials')).body.denials;

/** Olivia denies an agent, which stops at once, and orders its lift, which waits. */
async function proposed(order: object = LIFT) {
  const olivia = await person('olivia');
  expect((await send(olivia, 'POST', '/denials', { ...DENIAL, even_unknown: true })).status).toBe(
    200,
  );
  const waiting = await send(olivia, 'POST', '/denials/lift', order);
  expect(waiting.status).toBe(202);
  const { id, digest } = waiting.body.proposal as { id: string; digest: string };
  return { olivia, id, confirm: { digest, reason: 'I agree' } };
}

describe('an order that needs two people', () => {
  test('takes effect when another person confirms it, and is recorded with both', async () => {
    const { olivia, id, confirm } = await proposed();
    expect(await denials(olivia)).toHaveLength(1);
    const otto = await person('otto');
    const { body: session } = await send(otto, 'GET', '/session');
    expect(session.waiting).toBe(1);
    const { body: listed } = await send(otto, 'GET', '/proposals');
    expect(listed.proposals).toMatchObject([
      {
        id,
        by: 'corp#olivia',
        act: 'POST /denials/lift',
        order: { body: LIFT },
        may_confirm: true,
      },
    ]);
    // What is listed has the digest, so that a command can compute it from what it shows.
    const [shown] = listed.proposals as { act: string; order: object; by: string }[];
    const { act, order, by } = shown ?? { act: '', order: {}, by: '' };
    expect(await hexDigest(canonicalJson({ act, order, by } as JsonObject))).toBe(confirm.digest);
    const done = await send(otto, 'POST', `/proposals/${id}`, confirm);
    expect(done).toMatchObject({ status: 200, body: { proposal: id, answer: { lifted: true } } });
    expect(await denials(olivia)).toEqual([]);
    const { body: found } = await send(olivia, 'GET', '/audit?event=operator');
    const records = (found.records as { record: Json }[]).map(({ record }) => record);
    expect(records).toContainEqual(
      expect.objectContaining({
        change: 'confirmed',
        actor: 'corp#otto',
        author: 'corp#olivia',
        proposal: id,
      }),
    );
    expect((await send(otto, 'POST', `/proposals/${id}`, confirm)).status).toBe(404);
  });

  test('is not confirmed by its author, a credential, or someone without the permission', async () => {
    const { olivia, id, confirm } = await proposed();
    const path = `/proposals/${id}`;
    const other = await person('olivia');
    for (const token of [olivia, other, OPERATOR]) {
      expect(await send(token, 'POST', path, confirm)).toMatchObject({
        status: 403,
        body: { error: 'same_person' },
      });
    }
    for (const groups of [
      ['sre'],
      ['growth-sre'],
      ['audit'],
      ['staff'],
      ['approvers'],
      ['policy'],
    ]) {
      const rita = await person('rita', ...groups);
      expect(await send(rita, 'POST', path, confirm)).toMatchObject({
        status: 403,
        body: { error: 'not_for_your_role' },
      });
    }
    expect(await denials(olivia)).toHaveLength(1);
  });

  test('is not confirmed with the digest of another order', async () => {
    const { id, confirm } = await proposed();
    const otto = await person('otto');
    const changed = { ...confirm, digest: '0'.repeat(64) };
    expect(await send(otto, 'POST', `/proposals/${id}`, changed)).toMatchObject({
      status: 409,
      body: { error: 'digest_differs' },
    });
  });

  test('is withdrawn by its author', async () => {
    const { olivia, id, confirm } = await proposed();
    const rita = await person('rita', 'sre');
    expect((await send(rita, 'DELETE', `/proposals/${id}`)).status).toBe(403);
    expect((await send(olivia, 'DELETE', `/proposals/${id}`)).status).toBe(204);
    const otto = await person('otto');
    expect((await send(otto, 'POST', `/proposals/${id}`, confirm)).status).toBe(404);
  });

  test('waits up to a bound for each person', async () => {
    const { olivia } = await proposed();
    for (let waiting = 1; waiting < 32; waiting++) {
      expect((await send(olivia, 'POST', '/denials/lift', LIFT)).status).toBe(202);
    }
    expect(await send(olivia, 'POST', '/denials/lift', LIFT)).toMatchObject({
      status: 409,
      body: { error: 'proposals_full' },
    });
  });

  test('is carried out at once for the operator credential, which is for emergencies', async () => {
    const { olivia } = await proposed();
    expect((await send(OPERATOR, 'POST', '/denials/lift', LIFT)).status).toBe(200);
    expect(await denials(olivia)).toEqual([]);
    const { body: found } = await send(olivia, 'GET', '/audit?event=operator');
    const records = (found.records as { record: Json }[]).map(({ record }) => record);
    expect(records).toContainEqual(
      expect.objectContaining({ change: 'break_glass', route: 'POST /denials/lift' }),
    );
  });
});

describe('an order that takes power away on a route that may open something', () => {
  test('is carried out at once: a refusal, and a legal hold', async () => {
    const olivia = await person('olivia');
    const path = `/approvals/apr_${'A'.repeat(43)}`;
    const answer = { digest: '0'.repeat(64), reason: 'not today' };
    const refused = await send(olivia, 'POST', path, { ...answer, decision: 'refuse' });
    expect(refused).toMatchObject({ status: 404, body: { error: 'approval_unknown' } });
    const until = Math.floor(Date.now() / 1000) + 600;
    const approved = await send(olivia, 'POST', path, { ...answer, decision: 'approve', until });
    expect(approved.status).toBe(202);
    const order = { subject: 'https://idp.example#alice', reason: 'case 12' };
    const set = await send(olivia, 'POST', '/audit/holds', order);
    expect(set.status).toBeLessThan(202);
    const release = `/audit/holds/${String(set.body.hold)}/release`;
    expect((await send(olivia, 'POST', release, { reason: 'closed' })).status).toBe(202);
  });
});
