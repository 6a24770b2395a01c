import { listDurableObjectIds, reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appendRecords } from '../../../workers/issuer/log/append.ts';
import { newChildId, newWorkflowId } from '../../../workers/issuer/workflow/id.ts';
import { admin, askForToken, env } from './token.scene.ts';

/** Which ids of workflows make the issuer ask, and so create, an object. */
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** `reset` empties objects and keeps their names. */
let before = 0;
beforeEach(async () => {
  before = (await listDurableObjectIds(env.WORKFLOW)).length;
});
const created = async () => (await listDurableObjectIds(env.WORKFLOW)).length - before;
/** As a stranger would draw it. */
let forged = '';
let former = '';
beforeEach(() => {
  forged = newWorkflowId(1, new Uint8Array(32));
  former = forged.slice(0, 'wf_'.length + 22);
});

describe('an id that was never drawn creates no object when', () => {
  test('an agent continues it, or a child of it', async () => {
    for (const workflow of [forged, newChildId(forged)]) {
      const answer = await askForToken(undefined, { workflow });
      expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    }
    expect(await created()).toBe(0);
  });

  test('an operator shows, suspends, resumes or revokes it', async () => {
    const path = `workflows/${forged}`;
    for (const [move, body] of [
      ['', undefined],
      ['/suspend', { reason: 'test' }],
      ['/resume', { reason: 'test' }],
      ['/revoke', { reason: 'test' }],
    ] as const) {
      expect(await admin(`${path}${move}`, body)).toMatchObject({
        status: 404,
        body: { error: 'workflow_unknown' },
      });
    }
    expect(await created()).toBe(0);
  });
});

test('an operator revokes an id that was never drawn if he insists', async () => {
  const body = { reason: 'test', even_unknown: true };
  expect(await admin(`workflows/${forged}/revoke`, body)).toMatchObject({ status: 200 });
  expect(await created()).toBe(1);
});

describe('an id without a check value', () => {
  const record = { event: 'rule_armed', id: 'r', rule: 'x', actor: 'a', reason: 'r' } as const;

  test('is of a release before 0.4.0, so the object is asked', async () => {
    await appendRecords(env, [{ ...record, at: Date.now() }]);
    await askForToken(undefined, { workflow: former });
    expect(await created()).toBe(1);
  });

  test('reaches an object only for operators once no workflow of that time can live', async () => {
    await appendRecords(env, [{ ...record, at: Date.now() }]);
    const later = { ...env };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 3_600_000 + 120_000 });
    const answer = await askForToken(undefined, { workflow: former }, later);
    expect(answer).toMatchObject({ status: 400 });
    expect(await created()).toBe(0);
    expect(await admin(`workflows/${former}`)).toMatchObject({ status: 404 });
    expect(await created()).toBe(1);
  });
});

test('a workflow is found by its id after the key under which it was drawn was withdrawn', async () => {
  const { workflow } = await askForToken();
  const key = `ed25519-private/${'07'.repeat(32)}`;
  const rotated = { ...env, MINT_KEYS: JSON.stringify([{ id: 9, key, state: 'active' }]) };
  const answer = await askForToken(undefined, { workflow }, rotated);
  expect(answer).toMatchObject({ status: 200, workflow });
  const refused = await askForToken(undefined, { workflow: forged }, rotated);
  expect(refused).toMatchObject({ status: 400 });
});

test('a workflow that began is found by its id', async () => {
  const { workflow } = await askForToken();
  expect(await admin(`workflows/${workflow}`)).toMatchObject({ body: { state: 'active' } });
  expect(await askForToken(undefined, { workflow })).toMatchObject({ status: 200, workflow });
});
