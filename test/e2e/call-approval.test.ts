import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Connection, connect, identityFrom } from '../../src/agent/index.ts';
import { readSeconds } from '../../src/clock.ts';
import { activate } from './activate.ts';
import { admin } from './agent.ts';
import { ed25519 } from './parts.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/** One call that a person approves: agent with the SDK, gateway, issuer and feed. */
const SEND = 'mcp/mail/send';
const CATALOGUE = `
[[tool]]
name = "${SEND}"
action = "execute"
tier = 3
arguments = ["to", "text"]
datasets = [{ fixed = "mail/outbox" }]
sinks = ["/to/*"]
`;
const POLICY = `
owner("team:growth");
max_lifetime(300);
allow if user("local-idp", $user);
require_constraint("/to", {"every": {"from": ["=ann@acme.example", "approved"]}}) <- tool("${SEND}");
`;

let stage: Stage;
let server: ScriptedServer;
let connection: Connection;
let client: Client;
const received: unknown[] = [];
const { seed, publicKey } = ed25519();
const approverKey = `ed25519-private/${seed}`;

beforeAll(async () => {
  server = await startScriptedServer();
  server.play(({ message }, response) => {
    const isCall = message.method === 'tools/call';
    if (isCall) received.push((message.params as { arguments: unknown }).arguments);
    const serverInfo = { name: 'mail', version: '1' };
    const result = isCall
      ? { content: [{ type: 'text', text: 'sent' }] }
      : { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
  });
  stage = await openStage({
    issuerSecrets: { APPROVER_KEY: approverKey },
    gatewayVars: { MCP_UPSTREAMS: JSON.stringify({ mail: server.url }), DENIAL_FORM: 'result' },
  });
  await activate(stage, { policy: { 'policy/mail.datalog': POLICY }, catalogue: CATALOGUE });
  const key = { public_key: publicKey, approver: stage.issuer };
  const added = await admin(stage, 'approver-keys', { ...key, reason: 'test' });
  expect(added.status).toBe(200);
  const tokenOf = (subject: string) => () => stage.identity.jwt(subject);
  connection = await connect({
    issuer: stage.issuer,
    audience: stage.audience,
    identity: identityFrom(tokenOf('report-agent')),
    user: identityFrom(tokenOf('alice')),
    task: 'answer letters',
    grants: [{ tool: SEND, action: 'execute', dataset: 'mail/outbox' }],
    fetch: stage.fetch,
  });
  const { url, fetch } = connection.mcp('mail');
  client = new Client({ name: 'agent', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await client?.close();
  await stage?.close();
  await server?.close();
});

const mailTo = (...to: readonly string[]) => ({ to: [...to], text: 'hello' });
const sendMail = (...to: readonly string[]) =>
  client.callTool({ name: 'send', arguments: mailTo(...to) });
const textOf = (result: unknown): string => JSON.stringify(result);

async function answer(decision: 'approve' | 'refuse'): Promise<string> {
  const { approvals } = (await (await admin(stage, 'approvals')).json()) as {
    approvals: { id: string; digest: string }[];
  };
  const [{ id, digest }] = approvals as [{ id: string; digest: string }];
  const until = decision === 'approve' ? { until: readSeconds() + 120 } : {};
  const body = { decision, by: 'olga', reason: 'as agreed', digest, ...until };
  expect((await admin(stage, `approvals/${id}`, body)).status).toBe(200);
  return id;
}

test('a denied call asks a person, is made once they approved it, and is on record with them', async () => {
  const before = received.length;
  const asked = await sendMail('bob@acme.example');
  expect(textOf(asked)).toContain('A person was asked to approve exactly this call (apr_');
  expect(received).toHaveLength(before);
  await answer('approve');
  expect(textOf(await sendMail('bob@acme.example'))).toContain('sent');
  expect(received.slice(before)).toEqual([mailTo('bob@acme.example')]);
  const records = await trailOf(stage, connection.workflow);
  const calls = records.filter((one) => one.event === 'decision' && one.tool === SEND);
  // The second call collects the answer first, so it is not denied once more.
  expect(calls).toMatchObject([
    { allowed: false, code: 'constraint_failed' },
    { allowed: true, approval: { by: 'olga', once: true } },
  ]);
});

test('the same call a minute later is another question', async () => {
  const again = await sendMail('bob@acme.example');
  expect(textOf(again)).toContain('A person was asked');
  await answer('refuse');
  const refused = await sendMail('bob@acme.example');
  expect(textOf(refused)).toContain('It was not approved. Do not try again.');
});

test('twelve calls are one question, each is made once, and another recipient is denied', async () => {
  const before = received.length;
  const people = Array.from({ length: 12 }, (_, n) => `p${n}@acme.example`);
  const calls = people.map((to) => ({ tool: SEND, args: mailTo(to) }));
  expect(await connection.approve(calls)).toMatchObject({ state: 'pending' });
  await answer('approve');
  expect(await connection.approve(calls)).toMatchObject({ state: 'approved' });
  for (const to of people) expect(textOf(await sendMail(to))).toContain('sent');
  expect(received.slice(before)).toHaveLength(12);
  expect(textOf(await sendMail('p12@acme.example'))).toContain('A person was asked');
});

test('a call that the grant allows asks no one', async () => {
  expect(textOf(await sendMail('ann@acme.example'))).toContain('sent');
});
