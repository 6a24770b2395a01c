import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { type ObtainOptions, obtainCapability, refreshing } from '../../../src/agent/index.ts';

const ISSUER = 'https://issuer.example';
const ID = `apr_${'A'.repeat(43)}`;
const waits = { error: 'authorization_pending', auth_req_id: ID, expires_in: 600, interval: 1 };
const refused = (error: string) => ({ error, error_description: '' });
const granted = {
  token_type: 'Bearer',
  access_token: 'token',
  expires_in: 300,
  authorization_details: [
    {
      type: 'hewn_task',
      workflow: 'wf_1',
      task: 't',
      grants: [{ tool: 'a', action: 'read', dataset: 'd' }],
    },
  ],
};

/** An issuer that gives these answers in turn, and then repeats the last one. */
function issuer(...answers: readonly object[]) {
  const requestedIds: (string | null)[] = [];
  const details: string[] = [];
  const options: ObtainOptions = {
    issuer: ISSUER,
    audience: 'https://a.example',
    task: 't',
    grants: [],
    subjectToken: 's',
    actorToken: 'a',
    fetch: async (input, init) => {
      const url = new Request(input as string, init).url;
      if (!url.endsWith('/token')) {
        return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
      }
      const { body } = init ?? {};
      requestedIds.push((body as URLSearchParams).get('auth_req_id'));
      details.push((body as URLSearchParams).get('authorization_details') ?? '');
      const answer = answers[Math.min(requestedIds.length, answers.length) - 1] ?? {};
      return Response.json(answer, { status: 'error' in answer ? 400 : 200 });
    },
  };
  return { requestedIds, details, options };
}

describe('an agent whose policy requires approval', () => {
  test('does not wait by default, and returns the pending approval', async () => {
    const { requestedIds, options } = issuer(waits);
    const pending = await obtainCapability({ ...options, now: () => 1_000 });
    expect(pending).toEqual({
      ok: false,
      error: {
        code: 'approval_pending',
        id: ID,
        intervalSeconds: 1,
        expires: new Date(601_000),
      },
    });
    expect(requestedIds).toEqual([null]);
  });

  test('polls at the interval with the id until the decision, and notifies once', async () => {
    const { requestedIds, options } = issuer(waits, { ...waits, error: 'slow_down' }, granted);
    const onPending = vi.fn();
    const began = performance.now();
    const outcome = await obtainCapability({
      ...options,
      approval: { waitMilliseconds: 10_000, onPending },
    });
    expect(outcome).toMatchObject({ ok: true, value: { workflow: 'wf_1' } });
    expect(requestedIds).toEqual([null, ID, ID]);
    expect(onPending).toHaveBeenCalledOnce();
    expect(performance.now() - began).toBeGreaterThan(1_900);
  });

  test('waits no longer than `waitMilliseconds`', async () => {
    const { requestedIds, options } = issuer({ ...waits, interval: 60 });
    const approval = { waitMilliseconds: 1_000 };
    expect(await obtainCapability({ ...options, approval })).toMatchObject({
      error: { code: 'approval_pending' },
    });
    expect(requestedIds).toHaveLength(1);
  });

  test('stops waiting when its signal aborts, and returns the id', async () => {
    const { requestedIds, options } = issuer(waits);
    const stop = new AbortController();
    const approval = { waitMilliseconds: 60_000, signal: stop.signal };
    const outcome = obtainCapability({ ...options, approval });
    await sleep(50);
    stop.abort();
    expect(await outcome).toMatchObject({ error: { code: 'approval_pending', id: ID } });
    expect(requestedIds).toHaveLength(1);
  });

  test.each(['access_denied', 'expired_token'])('gets %s, and stops', async (error) => {
    const { requestedIds, options } = issuer(waits, refused(error), granted);
    const outcome = await obtainCapability({ ...options, approval: { waitMilliseconds: 9_000 } });
    expect(outcome).toMatchObject({ error: { code: 'refused', error } });
    expect(requestedIds).toHaveLength(2);
  });

  test('distinguishes a workflow that has ended from an invalid approval', async () => {
    const { options } = issuer(refused('invalid_grant'));
    expect(await obtainCapability(options)).toMatchObject({ error: { error: 'invalid_grant' } });
    expect(await obtainCapability({ ...options, approval: { id: ID } })).toEqual({
      ok: false,
      error: { code: 'approval_void' },
    });
  });

  test.each([
    { ...waits, interval: 0 },
    { ...waits, interval: 1e9 },
    { ...waits, interval: '1' },
    { ...waits, auth_req_id: undefined },
    { ...waits, auth_req_id: 'x'.repeat(257) },
    { ...waits, expires_in: 1e12 },
  ])('treats %j as a refusal, and does not poll', async (answer) => {
    const { requestedIds, options } = issuer(answer);
    const outcome = await obtainCapability({ ...options, approval: { waitMilliseconds: 9_000 } });
    expect(outcome).toMatchObject({ error: { code: 'refused', error: 'authorization_pending' } });
    expect(requestedIds).toHaveLength(1);
  });
});

describe('a refreshing holder', () => {
  test('does not wait for a person, and polls the same question at its interval', async () => {
    const { requestedIds, options } = issuer(waits, waits, granted);
    let now = 1_000_000;
    const holder = refreshing({
      ...options,
      now: () => now,
      approval: { waitMilliseconds: 60_000 },
    });
    expect(await holder.current()).toMatchObject({ error: { code: 'approval_pending' } });
    now += 999;
    expect(await holder.current()).toMatchObject({ error: { code: 'approval_pending' } });
    expect(requestedIds).toEqual([null]);
    now += 1;
    await holder.current();
    now += 1_000;
    expect(await holder.current()).toMatchObject({ ok: true });
    expect(requestedIds).toEqual([null, ID, ID]);
  });

  test('renews without the approved grants, at the end, and asks no person again', async () => {
    const read = { tool: 'a', action: 'read', dataset: 'd' } as const;
    const write = { ...read, action: 'write' } as const;
    const [detail] = granted.authorization_details;
    const wider = {
      ...granted,
      authorization_details: [{ ...detail, grants: [read, write] }],
    };
    const { requestedIds, details, options } = issuer(granted, waits, wider, granted);
    let now = 1_000_000;
    const holder = refreshing({
      ...options,
      now: () => now,
      approval: { waitMilliseconds: 5_000 },
    });
    await holder.current();
    const widened = await holder.stepUp([write]);
    expect(widened).toMatchObject({ ok: true, value: { approval: ID, grants: [read, write] } });
    now += 294_000;
    expect(await holder.current()).toMatchObject({ value: { grants: [read, write] } });
    expect(requestedIds).toEqual([null, null, ID]);
    now += 5_999;
    expect(await holder.current()).toMatchObject({ value: { grants: [read] } });
    expect(requestedIds).toEqual([null, null, ID, null]);
    expect(JSON.parse(details.at(-1) ?? '')).toMatchObject([{ workflow: 'wf_1', grants: [read] }]);
  });

  test('asks again after an invalid approval, and does not end its workflow', async () => {
    const { requestedIds, options } = issuer(waits, refused('invalid_grant'), granted);
    let now = 1_000_000;
    const holder = refreshing({ ...options, now: () => now });
    await holder.current();
    now += 1_000;
    expect(await holder.current()).toMatchObject({ error: { code: 'approval_void' } });
    now += 1_000;
    expect(await holder.current()).toMatchObject({ ok: true });
    expect(requestedIds).toEqual([null, ID, null]);
  });
});
