import { reset } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import type { DecisionRecord } from '../../../../src/audit/index.ts';
import { receiveRecords } from '../../../../workers/issuer/audit/receive-records.ts';
import { AGENT, admin, askForToken, env, OWNER, READ } from '../token.scene.ts';

/** Two hundred workflows at once, with calls, denials and stops. */
afterEach(() => reset());

const WORKFLOWS = 200;
const CALLS = 5;
const DENIED_OF_CALLS = 1;
const REVOKED = 20;

const recordOf = (workflow: string, n: number): DecisionRecord => ({
  event: 'decision',
  id: `gw.${n}`,
  verifier: 'gw',
  n,
  at: Date.now(),
  workflow,
  agent: AGENT,
  subject: AGENT,
  owner: OWNER,
  task: 'test',
  blocks: ['00', String(n)],
  tool: READ,
  action: 'read',
  datasets: ['files/reports/q3.md'],
  allowed: n % CALLS !== 0,
  ...(n % CALLS === 0 && { code: 'no_grant', detail: {} }),
});

test('the index agrees with the logs after 200 workflows at once', {
  timeout: 120_000,
}, async () => {
  const begun = await Promise.all(Array.from({ length: WORKFLOWS }, () => askForToken([READ])));
  const ids = begun.map(({ workflow }) => workflow);
  await Promise.all(
    ids.map(async (id, place) => {
      const first = place * CALLS + 1;
      await receiveRecords(
        env,
        Array.from({ length: CALLS }, (_, n) => recordOf(id, first + n)),
      );
      if (place % 20 === 0) await admin('changes');
      if (place < REVOKED) await admin(`workflows/${id}/revoke`, { reason: 'test' });
    }),
  );
  const { body } = await admin('workflows?show=denied');
  expect(body.counts).toEqual({
    running: WORKFLOWS - REVOKED,
    stopped: REVOKED,
    waiting: 0,
    denied: WORKFLOWS * DENIED_OF_CALLS,
  });
  const differing: unknown[] = [];
  let checked = 0;
  for (let after: unknown = ''; after !== undefined; ) {
    const part = await admin(`activity/compare${after === '' ? '' : `?after=${String(after)}`}`);
    differing.push(...(part.body.differing as unknown[]));
    checked += Number(part.body.checked);
    after = part.body.next;
  }
  expect(differing).toEqual([]);
  expect(checked).toBeGreaterThanOrEqual(2 * WORKFLOWS - REVOKED);
});
