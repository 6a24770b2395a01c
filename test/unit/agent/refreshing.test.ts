import { describe, expect, test } from 'vitest';
import { type ObtainOptions, refreshing } from '../../../src/agent/index.ts';

const GRANT = { tool: 't', action: 'read', dataset: 'd' } as const;
const ISSUER = 'https://issuer.example';

type Answer = { readonly status: number; readonly body: unknown };

/** An issuer with scripted answers, on the test's own clock. */
function stageOf(script: (mint: number, details: Record<string, unknown>) => Answer | undefined) {
  const clock = { now: 1_000_000 };
  const requests: Record<string, unknown>[] = [];
  const fetch = (async (input: string, init?: RequestInit) => {
    if (String(input).includes('.well-known')) {
      return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
    }
    const form = init?.body as URLSearchParams;
    const [details] = JSON.parse(form.get('authorization_details') ?? '[]');
    requests.push(details);
    await Promise.resolve();
    const answer = script(requests.length, details);
    if (!answer) throw new TypeError('no route');
    return Response.json(answer.body, { status: answer.status });
  }) as typeof globalThis.fetch;
  const options: ObtainOptions = {
    issuer: ISSUER,
    audience: 'https://api.example',
    task: 'churn',
    grants: [GRANT],
    subjectToken: 's',
    actorToken: 'a',
    fetch,
    now: () => clock.now,
  };
  return { clock, requests, holder: refreshing(options) };
}

const minted = (mint: number, changes: Record<string, unknown> = {}): Answer => ({
  status: 200,
  body: {
    token_type: 'Bearer',
    access_token: `token-${mint}`,
    expires_in: 300,
    authorization_details: [{ workflow: 'wf_1', task: 'churn', grants: [GRANT], ...changes }],
  },
});

const ENDED: Answer = { status: 400, body: { error: 'invalid_grant' } };
const tokenOf = async (holder: ReturnType<typeof refreshing>) => {
  const current = await holder.current();
  return current.ok ? current.value.token : current.error.code;
};

describe('a refreshing holder', () => {
  test('obtains once for all callers, and not again while it is fresh', async () => {
    const { requests, holder, clock } = stageOf((mint) => minted(mint));
    const all = await Promise.all(Array.from({ length: 8 }, () => tokenOf(holder)));
    expect(new Set(all)).toEqual(new Set(['token-1']));
    clock.now += 200_000;
    expect(await tokenOf(holder)).toBe('token-1');
    expect(requests).toHaveLength(1);
  });

  test('renews in the background before expiry, in the same workflow', async () => {
    const { requests, holder, clock } = stageOf((mint) => minted(mint));
    await tokenOf(holder);
    clock.now += 245_000;
    expect(await Promise.all([tokenOf(holder), tokenOf(holder)])).toEqual(['token-1', 'token-1']);
    await expect.poll(() => tokenOf(holder)).toBe('token-2');
    expect(requests).toHaveLength(2);
    expect(requests[1]).toMatchObject({ workflow: 'wf_1', grants: [GRANT] });
  });

  test('waits for the renewal if a call could outlive the capability', async () => {
    const { holder, clock } = stageOf((mint) => minted(mint));
    await tokenOf(holder);
    clock.now += 297_000;
    expect(await tokenOf(holder)).toBe('token-2');
  });

  test('returns nothing, not even its current capability, once the workflow has ended', async () => {
    const { requests, holder, clock } = stageOf((mint) => (mint === 1 ? minted(1) : ENDED));
    await tokenOf(holder);
    clock.now += 245_000;
    await tokenOf(holder);
    await expect.poll(() => tokenOf(holder)).toBe('workflow_ended');
    clock.now += 100_000;
    expect(await tokenOf(holder)).toBe('workflow_ended');
    expect(requests).toHaveLength(2);
  });

  test('uses its capability to the end during an outage of the issuer, and retries once a second', async () => {
    const { requests, holder, clock } = stageOf((mint) => (mint === 1 ? minted(1) : undefined));
    await tokenOf(holder);
    clock.now += 298_000;
    expect(await tokenOf(holder)).toBe('token-1');
    expect(await tokenOf(holder)).toBe('token-1');
    expect(requests).toHaveLength(2);
    clock.now += 2_000;
    expect(await tokenOf(holder)).toBe('unreachable');
    expect(requests).toHaveLength(3);
  });

  test('rejects a capability of another workflow', async () => {
    const { holder, clock } = stageOf((mint) => minted(mint, { workflow: `wf_${mint}` }));
    await tokenOf(holder);
    clock.now += 300_000;
    expect(await tokenOf(holder)).toBe('malformed_answer');
  });

  test('requests its current grants again, and not the refused ones', async () => {
    const less = { ...GRANT, dataset: 'd/below' };
    const { requests, holder, clock } = stageOf((mint) => minted(mint, { grants: [less] }));
    await tokenOf(holder);
    clock.now += 299_000;
    await tokenOf(holder);
    expect(requests[1]).toMatchObject({ grants: [less] });
  });
});
