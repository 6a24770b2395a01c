import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin, call, obtain, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** The answers that an operator gets to a stop, compared with its effect. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const good = () => read(stage.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });

interface EffectAnswer {
  readonly epoch: number;
  readonly seq: number;
  readonly effective_by: string;
  readonly by_tier: Record<string, string | null>;
  readonly verifiers: { seen: number; confirmed: number; waiting: string[] };
}

const confirm = (verifier: string, seq: number, credential = stage.verifier) =>
  stage.fetch(`${stage.issuer}/feed/v2/0/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ verifier, epoch: 1, seq }),
  });

describe('the answer to a revocation', () => {
  test('says when it takes effect on every route; for tier 0 when the last token ends', async () => {
    const { workflow } = await obtain(stage);
    const before = Date.now();
    const answer = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    const effect = (await answer.json()) as EffectAnswer;
    const view = (await (await admin(stage, `workflows/${workflow}`)).json()) as {
      expires: number;
    };
    const seconds = (tier: string) => (Date.parse(effect.by_tier[tier] ?? '') - before) / 1000;
    expect(seconds('1')).toBeGreaterThan(58);
    expect(seconds('1')).toBeLessThan(75);
    expect(seconds('2')).toBeLessThan(30);
    expect(seconds('3')).toBeLessThan(15);
    expect(effect.by_tier['0']).toBe(new Date(view.expires * 1000).toISOString());
    expect(effect.effective_by).toBe(effect.by_tier['1']);
  });

  test('waits for the verifiers on request, and names those that are late', async () => {
    const { workflow } = await obtain(stage);
    expect((await confirm('node-a', 0)).status).toBe(204);
    expect((await confirm('node-late', 0)).status).toBe(204);
    const revoking = admin(stage, `workflows/${workflow}/revoke?wait=3`, { reason: 'test' });
    await new Promise((passed) => setTimeout(passed, 300));
    await confirm('node-a', 1_000);
    const { verifiers } = (await (await revoking).json()) as EffectAnswer;
    const late = verifiers.waiting.map((name) => name.split(':')[1]);
    expect(late).toContain('node-late');
    expect(late).not.toContain('node-a');
    expect(verifiers.seen).toBe(verifiers.confirmed + verifiers.waiting.length);
    await confirm('node-late', 1_000);
  });

  test('counts a gateway that has applied it', async () => {
    const { token, workflow } = await obtain(stage);
    expect((await send(stage, token, good())).status).toBe(200);
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    // Asks the log, as a route of tier 3 does, and then reports its position.
    expect(await send(stage, token, write())).toMatchObject({ code: 'revoked' });
    const answer = await admin(stage, `workflows/${workflow}/revoke?wait=5`, { reason: 'again' });
    const { verifiers } = (await answer.json()) as EffectAnswer;
    expect(verifiers.confirmed).toBeGreaterThan(0);
    expect(verifiers.waiting).toEqual([]);
  });
});

describe('a confirmation', () => {
  test.each([
    ['without a credential', '', 401],
    ["with an operator's credential", 'operator-credential-of-the-e2e-tests', 401],
  ])('%s does not count', async (_, credential, status) => {
    expect((await confirm('stranger', 1, credential)).status).toBe(status);
  });

  test.each([
    ['no name', { epoch: 1, seq: 1 }],
    ['an invalid name', { verifier: 'a b', epoch: 1, seq: 1 }],
    ['a name that is too long', { verifier: 'a'.repeat(65), epoch: 1, seq: 1 }],
    ['a position before the first', { verifier: 'a', epoch: 0, seq: 1 }],
    ['an additional member', { verifier: 'a', epoch: 1, seq: 1, also: true }],
  ])('with %s is refused', async (_, body) => {
    const response = await stage.fetch(`${stage.issuer}/feed/v2/0/confirm`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.verifier}` },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
  });
});

describe('a watermark', () => {
  test('stops everything of an owner with one entry, and nothing minted later', async () => {
    const first = await obtain(stage);
    const second = await obtain(stage);
    const view = await (await admin(stage, `workflows/${first.workflow}`)).json();
    const { owner } = view as { owner: string };
    const order = { scope: 'owner', value: owner, reason: 'a leaked laptop' };
    const answer = await admin(stage, 'watermarks', order);
    expect(await answer.json()).toMatchObject({ scope: 'owner', value: owner, shard: 0 });
    for (const { token } of [first, second]) {
      expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
    }
    // Waits for the next second: a watermark stops what was issued in its own.
    await new Promise((passed) => setTimeout(passed, 1_100));
    const later = await obtain(stage);
    expect((await send(stage, later.token, good())).status).toBe(200);
    const { watermarks } = (await (await admin(stage, 'watermarks')).json()) as {
      watermarks: unknown[];
    };
    expect(watermarks).toMatchObject([{ scope: 'owner', value: owner }]);
    const trail = (await (await admin(stage, 'audit')).json()) as {
      records: { record: { event: string; reason?: string } }[];
    };
    const written = trail.records.filter(({ record }) => record.event === 'watermark');
    expect(written).toMatchObject([{ record: { reason: 'a leaked laptop' } }]);
  });

  test('stops a root key by its id', async () => {
    const { token } = await obtain(stage);
    const answer = await admin(stage, 'watermarks', {
      scope: 'issuer_key',
      value: '1',
      reason: 'drill',
    });
    const { value } = (await answer.json()) as { value: string };
    expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
  });

  test.each([
    ['of an unknown scope', { scope: 'planet', value: 'earth', reason: 'x' }],
    ['of all with a value', { scope: 'all', value: 'x', reason: 'x' }],
    ['of an owner without one', { scope: 'owner', reason: 'x' }],
    ['of an unknown key', { scope: 'issuer_key', value: '77', reason: 'x' }],
    ['without a reason', { scope: 'all' }],
    ['of the future', { scope: 'all', before: 9_000_000_000, reason: 'x' }],
  ])('%s is refused', async (_, body) => {
    expect((await admin(stage, 'watermarks', body)).status).toBe(400);
  });
});
