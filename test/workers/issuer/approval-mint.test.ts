import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, expect, test } from 'vitest';
import type { Identity } from '../../../src/identity/index.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { requireApproval } from '../../../workers/issuer/approval/require.ts';
import { approvals, type IssuerEnv, readConfig } from '../../../workers/issuer/platform/config.ts';
import { type MintInput, mintCapability } from '../../../workers/issuer/token/mint.ts';

/** The policy may change between question and answer; what it says last is what counts. */
const env = untyped as unknown as IssuerEnv;
afterEach(() => reset());

const ASKS = 'owner("team"); max_lifetime(300); approval(true); allow if true;';
const identity = (subject: string): Identity => ({
  issuerName: 'idp',
  issuer: 'https://idp.example',
  subject,
  claims: {},
  qualified: `https://idp.example#${subject}`,
  expires: new Date(Date.now() + 3_000_000),
});

function mintUnder(source: string, more: Partial<MintInput> = {}) {
  const policy = loadPolicy([{ name: 'test.datalog', source }], new Map());
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  return mintCapability({
    config: readConfig(env),
    policy: policy.value,
    above: [],
    workflow: 'wf_1',
    now: Date.now(),
    user: identity('alice'),
    workload: identity('agent'),
    request: {
      subjectToken: '',
      actorToken: '',
      audience: 'https://gateway.example',
      task: 't',
      grants: [{ tool: 'bank.send', action: 'write', dataset: 'bank' }],
    },
    ...more,
  });
}

function questionUnder(source: string) {
  const minted = mintUnder(source);
  if (minted.ok || minted.error.code !== 'approval_required') {
    throw new Error(JSON.stringify(minted));
  }
  return minted.error.question;
}

async function approvedUnder(source: string, seconds = 100): Promise<string> {
  const waits = await requireApproval(questionUnder(source), undefined, env);
  if (waits.ok || waits.error.code !== 'approval_pending') throw new Error(JSON.stringify(waits));
  const { id } = waits.error;
  const { digest = '' } = (await approvals(env).view(id)) ?? {};
  const until = Math.floor(Date.now() / 1000) + seconds;
  const decided = await approvals(env).decide({
    id,
    digest,
    decision: 'approve',
    actor: 'operator',
    by: 'carol',
    reason: 'why',
    until,
  });
  expect(decided.ok).toBe(true);
  return id;
}

test('what a person approved is minted while the policy says the same, no longer than approved', async () => {
  const id = await approvedUnder(ASKS);
  const approval = await requireApproval(questionUnder(ASKS), id, env);
  if (!approval.ok) throw new Error(JSON.stringify(approval.error));
  const minted = mintUnder(ASKS, { approval: approval.value });
  if (!minted.ok) throw new Error(JSON.stringify(minted.error));
  expect(minted.value.record.approval).toMatchObject({ id, by: 'carol' });
  const { expires, startedAt } = minted.value.start;
  expect(expires - startedAt).toBeLessThanOrEqual(100);
  expect(expires).toBe(approval.value.until);
});

test('a policy that has come to refuse is the last word', async () => {
  await approvedUnder(ASKS);
  expect(mintUnder('owner("team"); max_lifetime(300); deny if true;')).toMatchObject({
    error: { code: 'policy_refused', cause: 'denied' },
  });
});

test.each([
  ['rule', ASKS.replace('allow if true', 'allow if tool("bank.send")')],
  ['owner', ASKS.replace('"team"', '"another team"')],
  ['lifetime', ASKS.replace('300', '299')],
  ['budget', `${ASKS} max_calls(7);`],
])('a policy that has come to another %s asks another question', async (_, changed) => {
  const id = await approvedUnder(ASKS);
  expect(await requireApproval(questionUnder(changed), id, env)).toMatchObject({
    error: { code: 'approval_foreign', cause: 'question_differs' },
  });
});

test('an approval of another question does not mint, whoever hands it over', async () => {
  const id = await approvedUnder(ASKS);
  const approval = await requireApproval(questionUnder(ASKS), id, env);
  if (!approval.ok) throw new Error(JSON.stringify(approval.error));
  const other = mintUnder(ASKS, { approval: approval.value, workload: identity('other') });
  expect(other).toMatchObject({ error: { code: 'approval_required' } });
});
