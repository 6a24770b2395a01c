import { afterEach, describe, expect, test, vi } from 'vitest';
import { answerAlive, answerReady, RememberedChecks } from '../../../src/health/index.ts';

afterEach(() => vi.useRealTimers());

test('a Worker that runs is alive', async () => {
  const answer = answerAlive();
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ alive: true });
});

describe('the answer of /readyz', () => {
  test('is 200 if every check is ok', async () => {
    const answer = answerReady([{ name: 'configuration', ok: true }]);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await answer.json()).toEqual({
      ready: true,
      checks: [{ name: 'configuration', ok: true }],
    });
  });

  test('is 503 with the variable and advice, and the reason only for an operator', async () => {
    const failed = { name: 'configuration', ok: false, variable: 'ISSUER', reason: 'why' } as const;
    const answer = answerReady([failed]);
    expect(answer.status).toBe(503);
    const body = (await answer.json()) as { checks: readonly Record<string, unknown>[] };
    expect(body.checks[0]).toMatchObject({ variable: 'ISSUER', advice: expect.any(String) });
    expect(body.checks[0]).not.toHaveProperty('reason');
    const told = await answerReady([failed], { withReasons: true }).json();
    expect(told).toMatchObject({ checks: [{ reason: 'why' }] });
  });
});

test('a flood of probes causes one check a second for each environment', async () => {
  vi.useFakeTimers();
  let count = 0;
  const remembered = new RememberedChecks(async () => {
    count += 1;
    return [];
  });
  const [one, other] = [{}, {}];
  for (let probe = 0; probe < 50; probe++) await remembered.of(one);
  expect(count).toBe(1);
  await remembered.of(other);
  expect(count).toBe(2);
  vi.advanceTimersByTime(1_001);
  await remembered.of(one);
  expect(count).toBe(3);
});
