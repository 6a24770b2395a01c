import { describe, expect, test } from 'vitest';
import { CallApprover } from '../../../src/agent/approve-call.ts';
import type { Approval, NamedCall } from '../../../src/agent/index.ts';
import { parseToken } from '../../../src/biscuit/index.ts';
import { argumentsDigest } from '../../../src/capability/index.ts';
import { toHex } from '../../../src/encoding.ts';
import { APPROVED_CALLS_MAX } from '../../../src/limits.ts';
import { ok } from '../../../src/result.ts';
import { signedFor } from '../fixtures/approval.ts';
import { AUDIENCE, AUTHORITY, at, ISSUER, mintToken } from '../fixtures/issuer.ts';

/** An agent that asks a person about single calls, and an issuer that answers by a script. */
type Reply = (
  token: string,
  calls: readonly NamedCall[],
  request: Request,
) => Promise<Response> | Response;

const token = mintToken();
const CALL: NamedCall = { tool: 'crm.update', args: { to: 'bob', amount: 1 } };
const pending =
  (interval = 1): Reply =>
  () =>
    Response.json({ approval: 'apr_1', expires_in: 600, interval }, { status: 202 });
const refusing =
  (error: string, status = 403): Reply =>
  () =>
    Response.json({ error, message: '' }, { status });
/** An issuer that waits for a person for as long as its agent does. */
const holding: Reply = (_, __, { signal }) =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
const granting: Reply = async (step, calls) => {
  const approvals = await Promise.all(
    calls.map(async ({ tool, args }, n) => ({
      id: `ap_${String(n).padStart(22, 'x')}`,
      tool,
      args: toHex(await argumentsDigest(args)),
      by: 'olga',
      version: '0123456789abcdef',
    })),
  );
  const block = await signedFor(step, approvals);
  return Response.json({ block, until: at(60) / 1000, calls: [] });
};

function open(replies: readonly Reply[], approval: Approval = {}) {
  const sent: { readonly approval?: string; readonly calls: NamedCall[] }[] = [];
  const preferred: (string | null)[] = [];
  let now = at(1);
  const queue = [...replies];
  const approver = new CallApprover({
    issuer: ISSUER,
    capability: {
      current: async () =>
        ok({
          token,
          workflow: AUTHORITY.workflow,
          task: AUTHORITY.task,
          audience: AUDIENCE,
          grants: AUTHORITY.grants,
          expires: new Date(at(300)),
        }),
    },
    narrowingOf: async ({ tool, args }) => ({ tool, args }),
    approval: async () => approval,
    now: () => now,
    send: async (input) => {
      const request = new Request(input);
      expect(request.url).toBe(`${ISSUER}/workflows/v1/${AUTHORITY.workflow}/approvals`);
      preferred.push(request.headers.get('prefer'));
      const body = (await request.json()) as (typeof sent)[number];
      sent.push(body);
      const step = (request.headers.get('authorization') ?? '').replace('Bearer ', '');
      const reply = queue.shift() ?? refusing('approvals_off', 503);
      return reply(step, body.calls, request);
    },
  });
  return { approver, sent, preferred, pass: (seconds: number) => (now += seconds * 1000) };
}

const blocks = (text: string) => {
  const parsed = parseToken(text);
  return parsed.ok ? parsed.value.blockCount : 0;
};

describe('an agent that asks about a call', () => {
  test('gets the token of its step with the approval, and can take it once', async () => {
    const { approver } = open([granting]);
    expect(await approver.approve([CALL])).toEqual({
      state: 'approved',
      until: new Date(at(60)),
    });
    const taken = approver.take(CALL);
    expect(taken).toMatchObject({ isStep: true });
    expect(blocks(taken?.token ?? '')).toBe(3);
    expect(approver.take(CALL)).toBeUndefined();
  });

  test('keeps no token for another call, and none that has ended', async () => {
    const { approver, pass } = open([granting, granting]);
    await approver.approve([CALL]);
    expect(approver.take({ ...CALL, args: { to: 'eve', amount: 1 } })).toBeUndefined();
    pass(60);
    expect(approver.take(CALL)).toBeUndefined();
  });

  test('does not wait unless it may, and asks for the answer to the same question later', async () => {
    const { approver, sent } = open([pending(5), granting]);
    expect(await approver.approve([CALL])).toMatchObject({
      state: 'pending',
      pending: { id: 'apr_1', intervalSeconds: 5 },
    });
    expect(await approver.approve([CALL])).toMatchObject({ state: 'approved' });
    expect(sent.map(({ approval }) => approval)).toEqual([undefined, 'apr_1']);
  });

  test('polls as long as it may wait, and tells its caller once', async () => {
    const told: string[] = [];
    const { approver, sent, preferred } = open([pending(), pending(), granting], {
      waitMilliseconds: 60_000,
      onPending: ({ id }) => told.push(id),
    });
    expect(await approver.approve([CALL])).toMatchObject({ state: 'approved' });
    expect(sent).toHaveLength(3);
    expect(told).toEqual(['apr_1']);
    // The first answer names the question; the others come when a person has answered it.
    expect(preferred).toEqual([null, 'wait=20', 'wait=20']);
  });

  test('does not ask the issuer to wait longer than it may wait itself', async () => {
    const { approver, preferred } = open([pending(), granting], { waitMilliseconds: 9_900 });
    expect(await approver.approve([CALL])).toMatchObject({ state: 'approved' });
    expect(preferred[1]).toMatch(/^wait=[1-9]$/);
  });

  test('ends the wait with its signal, and the question stays open', async () => {
    const { approver } = open([pending(5), holding], {
      waitMilliseconds: 60_000,
      signal: AbortSignal.timeout(20),
    });
    expect(await approver.approve([CALL])).toMatchObject({ state: 'pending' });
  });

  test.each(['approval_refused', 'call_not_approvable', 'denied_by_operator'])(
    'is refused with %s',
    async (error) => {
      const { approver } = open([refusing(error)]);
      expect(await approver.approve([CALL])).toEqual({ state: 'refused', error });
      expect(approver.take(CALL)).toBeUndefined();
    },
  );

  test.each<[string, Reply]>([
    ['approvals_off', refusing('approvals_off', 503)],
    ['approvals_exhausted', refusing('approvals_exhausted', 429)],
    ['malformed_answer', () => new Response('{}')],
    ['malformed_answer', () => new Response('no json', { status: 500 })],
    ['unreachable', () => Promise.reject(new TypeError('network'))],
  ])('learns that no one can be asked: %s', async (error, reply) => {
    const { approver } = open([reply]);
    expect(await approver.approve([CALL])).toEqual({ state: 'unavailable', error });
  });

  test('asks again after a question that has ended', async () => {
    const { approver, sent } = open([pending(), refusing('approval_void', 409), granting]);
    await approver.approve([CALL]);
    expect(await approver.approve([CALL])).toMatchObject({ state: 'unavailable' });
    expect(await approver.approve([CALL])).toMatchObject({ state: 'approved' });
    expect(sent.map(({ approval }) => approval)).toEqual([undefined, 'apr_1', undefined]);
  });

  test('remembers 64 open questions, and with one more it asks all others again', async () => {
    const { approver, sent } = open(Array.from({ length: 67 }, () => pending()));
    const askedAgain = async (n: number) => {
      await approver.approve([{ ...CALL, args: { n } }]);
      return sent.at(-1)?.approval !== undefined;
    };
    for (let n = 0; n < 64; n++) expect(await askedAgain(n)).toBe(false);
    expect(await askedAgain(0)).toBe(true);
    expect(await askedAgain(64)).toBe(false);
    expect(await askedAgain(0)).toBe(false);
  });

  test('takes no approval for another token', async () => {
    const { approver } = open([(_, ...rest) => granting(mintToken({ task: 'other' }), ...rest)]);
    expect(await approver.approve([CALL])).toEqual({
      state: 'unavailable',
      error: 'signature_invalid',
    });
  });
});

describe('an agent that sends a call', () => {
  test('collects the answer first, if the call was asked about', async () => {
    const { approver, sent } = open([pending(), granting]);
    await approver.approve([CALL]);
    expect(await approver.collect(CALL)).toMatchObject({ taken: { isStep: true } });
    expect(sent.map(({ approval }) => approval)).toEqual([undefined, 'apr_1']);
    expect(await approver.collect(CALL)).toEqual({});
  });

  test('asks about the whole question if the call is one of several', async () => {
    const { approver, sent } = open([pending(), granting]);
    const calls = [CALL, { ...CALL, args: { to: 'ann' } }];
    await approver.approve(calls);
    expect(await approver.collect(CALL)).toMatchObject({ taken: { isStep: false } });
    expect(sent[1]?.calls).toEqual(calls);
    expect(await approver.collect(calls[1] as NamedCall)).toMatchObject({
      taken: { isStep: false },
    });
    expect(sent).toHaveLength(2);
  });

  test('asks no one about a call that was not denied, and about another one', async () => {
    const { approver, sent } = open([pending()]);
    expect(await approver.collect(CALL)).toEqual({});
    await approver.approve([CALL]);
    expect(await approver.collect({ ...CALL, args: { to: 'eve' } })).toEqual({});
    expect(sent).toHaveLength(1);
  });

  test.each<[string, Reply]>([
    ['pending', pending()],
    ['refused', refusing('approval_refused')],
  ])('knows that its question is %s, and asks once', async (state, reply) => {
    const { approver, sent } = open([pending(), reply]);
    await approver.approve([CALL]);
    expect(await approver.collect(CALL)).toMatchObject({ answer: { state } });
    expect(sent).toHaveLength(2);
  });
});

test('a batch has one token, which each of its calls narrows further', async () => {
  const { approver } = open([granting]);
  const calls = Array.from({ length: 12 }, (_, n) => ({ ...CALL, args: { to: `p${n}` } }));
  expect(await approver.approve(calls)).toMatchObject({ state: 'approved' });
  const tokens = calls.map((call) => approver.take(call));
  expect(tokens.every((one) => one?.isStep === false)).toBe(true);
  expect(new Set(tokens.map((one) => one?.token)).size).toBe(1);
});

test('no more than 32 calls are sent in one question, and none is no question', async () => {
  const { approver, sent } = open([]);
  const calls = Array.from({ length: APPROVED_CALLS_MAX + 1 }, (_, n) => ({
    ...CALL,
    args: { n },
  }));
  for (const asked of [calls, []]) {
    expect(await approver.approve(asked)).toEqual({ state: 'refused', error: 'invalid_request' });
  }
  expect(sent).toEqual([]);
});
