import { reset } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import reports from '../../../../policy/reports.datalog';
import tools from '../../../../policy/tools.toml';
import { decisionLogOf } from '../../../../src/audit/index.ts';
import { checkInclusion, leafHash, openNote, readVerifierKey } from '../../../../src/tlog/index.ts';
import { revocationLog, transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { AGENT, admin, askForToken, env, LIST, OWNER, READ } from '../token.scene.ts';

/** What operators ask of the issuer: agents, owners, tools, who can do what, rules and drafts. */
afterEach(async () => {
  await reset();
});

/** A fresh environment: what an isolate has read belongs to one. */
const scene = () => ({ ...env });

const ask = async (path: string, body?: object) => {
  const answer = await admin(path, body, scene());
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return answer.body;
};

test('lists agents, subjects, owners and tools with what they were granted', async () => {
  expect(await ask('agents')).toMatchObject({ agents: [], over: { requests: 0, complete: true } });
  const { workflow } = await askForToken();
  await askForToken(['mcp/mail/send_message']);
  expect(workflow).not.toBe('');
  expect(await ask('agents')).toMatchObject({
    agents: [
      {
        agent: AGENT,
        living: 1,
        mints: 1,
        refusals: 1,
        subjects: 1,
        owners: [OWNER],
        tools: [LIST, READ].sort(),
        denied: false,
      },
    ],
    over: { requests: 2, complete: true },
  });
  expect(await ask('subjects')).toMatchObject({ subjects: [{ subject: OWNER, agents: [AGENT] }] });
  expect(await ask('owners')).toMatchObject({ owners: [{ owner: OWNER, in_policy: true }] });
  const { tools: listed } = (await ask('tools')) as { tools: { tool: string }[] };
  expect(listed.find(({ tool }) => tool === READ)).toMatchObject({
    action: 'read',
    living: 1,
    given: 1,
    datasets: ['files/reports'],
  });
  expect(listed.find(({ tool }) => tool === 'mcp/mail/send_message')).toMatchObject({ given: 0 });
  expect(await ask('agents?q=no-such-agent')).toMatchObject({ agents: [] });
});

test('answers who can use a tool, from living workflows and from the policy', async () => {
  const { workflow } = await askForToken();
  const answer = await ask(`who-can?tool=${encodeURIComponent(READ)}`);
  expect(answer).toMatchObject({
    about: { tool: READ },
    held: [{ workflow, agent: AGENT, grant: { tool: READ, dataset: 'files/reports' } }],
    held_complete: true,
    by_policy_complete: true,
    unused: [{ agent: AGENT, tool: READ, given: 1, used: 0 }],
    unused_known: true,
  });
  expect(answer.by_policy).toContainEqual(
    expect.objectContaining({
      agent: AGENT,
      subjects: 0,
      verdict: 'granted',
      grant: { tool: READ, action: 'read', dataset: 'files/reports' },
      conditions: ['without a person'],
      limits: expect.objectContaining({ owner: OWNER, lifetime_seconds: 300 }),
      rule: expect.objectContaining({ file: 'policy/reports.datalog' }),
    }),
  );
  const mail = await ask(`who-can?tool=${encodeURIComponent('mcp/mail/send_message')}`);
  expect(mail).toMatchObject({
    held: [],
    by_policy: [{ agent: AGENT, verdict: 'no_rule', lacking: expect.any(Array) }],
  });
  expect(await ask('who-can?dataset=files/reports/q3')).toMatchObject({
    held: [{ grant: { tool: READ } }, { grant: { tool: LIST } }],
  });
  expect((await admin('who-can')).status).toBe(400);
});

test('a grant that a call has used is not unused, and says when', async () => {
  const { workflow } = await askForToken();
  const at = Date.now();
  const call = { workflow, agent: AGENT, tool: READ, datasets: ['files/reports/q3'] };
  const log = decisionLogOf(workflow, 'v');
  await transparencyLog(env, log).append([
    { event: 'decision', id: 'v.1', verifier: 'v', n: 1, at, blocks: [], allowed: true, ...call },
  ]);
  const last = new Date(at).toISOString();
  expect(await ask(`who-can?agent=${encodeURIComponent(AGENT)}`)).toMatchObject({
    held: [{ grant: { tool: READ }, last_used: last }, { grant: { tool: LIST } }],
    unused: [{ tool: LIST, used: 0 }],
  });
  const { tools: listed } = (await ask('tools')) as { tools: { tool: string }[] };
  expect(listed.find(({ tool }) => tool === READ)).toMatchObject({ used: 1, last_used: last });
  expect(listed.find(({ tool }) => tool === LIST)).toMatchObject({ used: 0 });
});

test('forgets a person with the records of the person', async () => {
  const of = scene();
  await askForToken();
  expect((await admin('subjects', undefined, of)).body).toMatchObject({
    subjects: [{ subject: OWNER, mints: 1 }],
  });
  expect((await admin('audit/erasures', { subject: OWNER })).status).toBe(200);
  expect((await admin('subjects', undefined, of)).body).toMatchObject({
    // The living workflow still has it.
    subjects: [{ subject: OWNER, living: 1, mints: 0 }],
    over: { requests: 0 },
  });
});

test('counts the hits of each rule, and refusals by code', async () => {
  await askForToken();
  await askForToken();
  await askForToken(['mcp/mail/send_message']);
  const { rules, refusals } = (await ask('versions/active/rules')) as {
    rules: { kind: string; words?: string; total: number; hours: number[] }[];
    refusals: { code: string; total: number }[];
  };
  const hit = rules.filter(({ total }) => total > 0);
  expect(hit).toMatchObject([{ kind: 'allow', total: 4, last: expect.any(String) }]);
  expect(hit[0]?.hours.at(-1)).toBe(4);
  expect(rules.map(({ words }) => words)).toContain('It reads reports.');
  expect(refusals).toMatchObject([{ code: 'no_rule', total: 1 }]);
});

test('tries a draft on recorded requests, and stores nothing', async () => {
  await askForToken();
  const draft = {
    'policy/reports.datalog': `${reports}\ndeny if tool("${LIST}");\n`,
  };
  expect(await ask('versions/drafts/try', { policy: draft, catalogue: tools })).toMatchObject({
    requests: 1,
    unchanged: 0,
    changed: [
      {
        was: 'granted',
        now: 'denied',
        opens: false,
        count: 1,
        grant: { tool: LIST, action: 'read', dataset: 'files/reports' },
        example: { agent: AGENT, task: 'test' },
      },
    ],
    diff: [{ file: 'policy/reports.datalog', change: 'changed' }],
  });
  expect(await ask('versions')).toEqual({ versions: [] });
  const broken = { 'policy/reports.datalog': 'allow if tol("x");' };
  expect(await admin('versions/drafts/try', { policy: broken })).toMatchObject({
    status: 422,
    body: { error: 'version_invalid', detail: { faults: [{ file: 'policy/reports.datalog' }] } },
  });
  expect((await admin('versions/drafts/try', {})).status).toBe(400);
  expect((await admin('versions/drafts/try', { version: 'f'.repeat(64) })).status).toBe(404);
});

test('shows health and keys', async () => {
  const health = await ask('health');
  expect(health).toMatchObject({
    head: [{ shard: 0 }],
    verifiers: [],
    drill: null,
    keys: expect.arrayContaining([expect.objectContaining({ use: 'mint', state: 'active' })]),
  });
  expect((await ask('keys')).keys).toEqual(health.keys);
  await revocationLog(env).head();
  const { keys } = (await ask('keys')) as { keys: { use: string; since?: string }[] };
  const ages = keys.map(({ use, since }) => [use, since !== undefined]);
  expect(ages).toEqual(
    expect.arrayContaining([
      ['mint', true],
      ['feed', true],
    ]),
  );
  expect(ages).not.toContainEqual(['log', true]);
});

test('lists verifiers as they reported, those with a fault first, and says what is wrong', async () => {
  const { epoch, seq } = await revocationLog(env).status();
  const about = { audience: 'https://api.example', version: '0.4.0', head_age: 1 };
  await revocationLog(env).confirm({ verifier: 'good', epoch, seq, ...about });
  await revocationLog(env).confirm({ verifier: 'old', epoch: epoch + 1, seq: 0 });
  await revocationLog(env).confirm({ verifier: 'blind', epoch, seq, error: 'feed_unreachable' });
  expect(await ask('health')).toMatchObject({
    verifiers: [
      { name: 'old', behind: null, state: 'behind' },
      { name: 'blind', state: 'current', error: 'feed_unreachable' },
      { name: 'good', behind: 0, state: 'current', ...about },
    ],
    verifiers_seen: 3,
    verifiers_current: 2,
    problems: [
      { severity: 'deny', words: 'The verifier old is in another epoch of the feed.' },
      { severity: 'wait', words: 'The verifier blind cannot read the feed: feed_unreachable.' },
    ],
  });
});

interface Proofs {
  readonly logs: readonly { size: number; root: string; key: string; checkpoint: string }[];
  readonly records: readonly { index: number; entry: string; proof: readonly string[] }[];
}

const bytesOf = (text: string) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

test('proves the records of a page by the newest checkpoint', async () => {
  await askForToken();
  await askForToken();
  await transparencyLog(env, 'control').round();
  const proofs = await ask('audit/proofs?of=control:0,control:1,control:99');
  const { logs, records } = proofs as unknown as Proofs;
  const [{ size, root, key, checkpoint }] = logs as [Proofs['logs'][number]];
  const logKey = readVerifierKey(key);
  if (!logKey.ok) throw new Error(logKey.error);
  const note = await openNote(checkpoint, [logKey.value]);
  expect(note).toMatchObject({ ok: true });
  for (const { index, entry, proof } of records) {
    const leaf = leafHash(new TextEncoder().encode(entry));
    const claim = { leaf, index, size, root: bytesOf(root) };
    expect(checkInclusion(claim, proof.map(bytesOf))).toBe(true);
    expect(checkInclusion({ ...claim, leaf: leafHash(bytesOf('AA==')) }, proof.map(bytesOf))).toBe(
      false,
    );
  }
  expect(proofs).toMatchObject({
    logs: [{ log: 'control', size: 2, quorum: 0 }],
    records: [
      { log: 'control', index: 0, record: { event: 'mint' }, proof: [expect.any(String)] },
      { log: 'control', index: 1, record: { event: 'mint' } },
    ],
    unproven: [{ log: 'control', index: 99, why: 'record_unknown' }],
  });
  expect((await admin('audit/proofs?of=control')).status).toBe(400);
});
