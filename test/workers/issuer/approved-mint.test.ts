import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { askPerson } from '../../../workers/issuer/approval/ask.ts';
import { approvals, type IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { decide } from '../../../workers/issuer/token/decide.ts';
import { approvePlan } from '../../../workers/issuer/token/plan.ts';
import { identity, mintInput } from '../../unit/issuer/token/mint-input.ts';

/** The policy may change between a question and its answer; the current one decides. */
const env = untyped as unknown as IssuerEnv;
afterEach(() => reset());

const ASKS = 'owner("team"); max_lifetime(300); approval(true); allow if true;';
const GRANTS = [{ tool: 'bank.send', action: 'write', dataset: 'bank' }] as const;

function decideUnder(source: string) {
  const now = readClock();
  const lasting = { expires: new Date(now + 3_000_000) };
  return decide(
    mintInput(source, GRANTS, {
      now,
      user: { ...identity('alice'), ...lasting },
      workload: { ...identity('agent'), ...lasting },
    }),
  );
}

function askUnder(source: string) {
  const decision = decideUnder(source);
  if (decision.kind !== 'ask') throw new Error(JSON.stringify(decision));
  return decision;
}

async function approvedUnder(source: string, seconds = 100): Promise<string> {
  const asked = await askPerson(askUnder(source).question, undefined, env);
  if (asked.ok || asked.error.code !== 'approval_pending') throw new Error(JSON.stringify(asked));
  const { id } = asked.error;
  const { digest = '' } = (await approvals(env).view(id)) ?? {};
  const decided = await approvals(env).decide({
    id,
    digest,
    decision: 'approve',
    actor: 'operator',
    by: 'carol',
    reason: 'why',
    until: readSeconds() + seconds,
  });
  expect(decided.ok).toBe(true);
  return id;
}

test('an approved request is minted under an unchanged policy, no longer than approved', async () => {
  const id = await approvedUnder(ASKS);
  const { plan, question } = askUnder(ASKS);
  const approval = await askPerson(question, id, env);
  if (!approval.ok) throw new Error(JSON.stringify(approval.error));
  const approved = approvePlan(plan, question, approval.value);
  if (!approved.ok) throw new Error(JSON.stringify(approved.error));
  expect(approved.value.record.approval).toMatchObject({ id, by: 'carol' });
  const { expires, startedAt } = approved.value.start;
  expect(expires - startedAt).toBeLessThanOrEqual(100);
  expect(expires).toBe(approval.value.until);
});

test('a policy that now refuses overrules an earlier approval', async () => {
  await approvedUnder(ASKS);
  expect(decideUnder('owner("team"); max_lifetime(300); deny if true;')).toMatchObject({
    refusal: { code: 'policy_refused', cause: 'denied' },
  });
});

test.each([
  ['rule', ASKS.replace('allow if true', 'allow if tool("bank.send")')],
  ['owner', ASKS.replace('"team"', '"another team"')],
  ['lifetime', ASKS.replace('300', '299')],
  ['budget', `${ASKS} max_calls(7);`],
])('an approval does not count after the policy changed the %s', async (_, changed) => {
  const id = await approvedUnder(ASKS);
  expect(await askPerson(askUnder(changed).question, id, env)).toMatchObject({
    error: { code: 'approval_foreign', cause: 'question_differs' },
  });
});
