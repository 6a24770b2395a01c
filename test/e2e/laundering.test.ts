import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Capability, obtainCapability } from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import { activateCatalogue } from './activate.ts';
import { admin, call, send } from './agent.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/**
 * The ways by which private data could reach a call that leaves, and those around a limit over time:
 * those that are caught, and those that are not. docs/explanation/threat-model.md has a row for each.
 */
let stage: Stage;
let server: ScriptedServer;

const tool = (name: string, action: string, tier: number, rest: string) => `
[[tool]]
name = "mcp/office/${name}"
action = "${action}"
tier = ${tier}
${rest}`;
const history = (id: string, body: string) =>
  `[[history]]\nid = "${id}"\ntools = ["mcp/office/pay"]\nreason = "a test"\n${body}\n`;
const LASTING =
  '{ when = ["payroll"], leaving = "deny", lasts = 3600, reason = "salaries stay here" }';
const WIRES = [
  ['wire', 3],
  ['transfer', 2],
] as const;
const CATALOGUE = `
[[flow]]
when = ["private"]
leaving = "deny"
reason = "mail of clients stays here"

[[labelled]]
dataset = "files/marked"
labels = ["private"]
${tool('inbox', 'read', 1, 'arguments = []\ndatasets = [{ fixed = "mail" }]\nanswer = { labels = ["private"] }')}
${tool('passport', 'read', 1, 'arguments = []\ndatasets = [{ fixed = "self" }]\nsecret = true')}
${tool('send', 'write', 3, 'arguments = ["text"]\ndatasets = [{ fixed = "out" }]\nsinks = []\nleaves = true')}
${tool('post', 'write', 2, 'arguments = ["text"]\ndatasets = [{ fixed = "out" }]\nsinks = []\nleaves = true')}
${tool(
  'fetch',
  'read',
  1,
  'arguments = ["url"]\ndatasets = [{ argument = "/url", under = "web", names = "url" }]\nleaves = true\nsink = [{ argument = "/url", kind = "url" }]',
)}
${tool('payroll', 'read', 1, 'arguments = []\ndatasets = [{ fixed = "pay" }]\nanswer = { labels = ["payroll"] }')}
${WIRES.map(([name, tier]) => tool(name, 'write', tier, `arguments = []\ndatasets = [{ fixed = "out" }]\nsinks = []\nleaves = true\nflow = [${LASTING}]`)).join('')}
${tool('pay', 'write', 3, 'arguments = ["amount", "to"]\ndatasets = [{ fixed = "bank" }]\nsinks = []\nleaves = true')}
${tool('approve', 'write', 2, 'arguments = ["id"]\ndatasets = [{ fixed = "bank" }]\nsinks = []')}
${tool('save', 'write', 2, 'arguments = ["path", "text"]\ndatasets = [{ argument = "/path", under = "files" }]\nsinks = ["/path"]')}
${history('approved', 'kind = "after"\nof = ["mcp/office/approve"]')}
${history('an-hour', 'kind = "sum"\nargument = "/amount"\nmost = 100\nwithin = 3600')}
${history('payees', 'kind = "distinct"\nargument = "/to"\nmost = 2')}
${tool('open', 'read', 1, 'arguments = ["path"]\ndatasets = [{ argument = "/path", under = "files" }]')}
`;
const grant = (name: string, action: Grant['action'], dataset: string): Grant => ({
  tool: `mcp/office/${name}`,
  action,
  dataset,
});
const READS = [grant('inbox', 'read', 'mail'), grant('passport', 'read', 'self')];
const LEAVES = [grant('send', 'write', 'out'), grant('post', 'write', 'out')];
const BANK = [grant('pay', 'write', 'bank'), grant('approve', 'write', 'bank')];
const PAYROLL = [grant('payroll', 'read', 'pay')];
const WIRE = WIRES.map(([name]) => grant(name, 'write', 'out'));
const FETCH = grant('fetch', 'read', 'web/docs.example.com/guides');
const FILES = [grant('save', 'write', 'files/shared'), grant('open', 'read', 'files/shared')];
const MARKED = [grant('save', 'write', 'files/marked'), grant('open', 'read', 'files/marked')];

/** The server fails calls that contain it. */
const FAILS = '"fails"';

beforeAll(async () => {
  server = await startScriptedServer();
  server.play(({ message }, response) => {
    const fails = JSON.stringify(message).includes(FAILS);
    if (fails) return void response.writeHead(500).end();
    const result = { content: [{ type: 'text', text: 'done' }] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
  });
  stage = await openStage({
    gatewayVars: { MCP_UPSTREAMS: JSON.stringify({ office: server.url }) },
  });
  await activateCatalogue(stage, CATALOGUE);
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

async function begin(grants: readonly Grant[], change: object = {}): Promise<Capability> {
  const { issuer, audience, identity, fetch } = stage;
  const capability = await obtainCapability({
    issuer,
    audience,
    fetch,
    grants,
    task: 'laundering',
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
    ...change,
  });
  if (!capability.ok) throw new Error(JSON.stringify(capability.error));
  return capability.value;
}
const use = async ({ token }: Capability, name: string, args: object = {}) => {
  const answer = await send(stage, token, call(name, args), {}, 'office');
  return answer.code ?? 'allowed';
};
const leave = (capability: Capability) => use(capability, 'send', { text: 'all of it' });

describe('what a workflow has read itself', () => {
  test('keeps it from leaving in tiers 2 and 3, and nothing does before', async () => {
    const own = await begin([...READS, ...LEAVES]);
    expect([await leave(own), await use(own, 'post')]).toEqual(['allowed', 'allowed']);
    expect(await use(own, 'inbox')).toBe('allowed');
    expect([await leave(own), await use(own, 'post')]).toEqual(['flow_denied', 'flow_denied']);
    const view = await (await admin(stage, `workflows/${own.workflow}`)).json();
    expect(view).toMatchObject({
      labels: [{ label: 'private', workflow: own.workflow, tool: 'mcp/office/inbox' }],
    });
    await expect
      .poll(() => trailOf(stage, own.workflow))
      .toContainEqual(
        expect.objectContaining({
          code: 'flow_denied',
          flow: { labels: ['private'], label: 'exact' },
          detail: expect.objectContaining({ reason: 'mail of clients stays here' }),
        }),
      );
  });

  test('asks a person once it is a secret', async () => {
    const own = await begin([...READS, ...LEAVES]);
    await use(own, 'passport');
    expect([await leave(own), await use(own, 'post')]).toEqual([
      'flow_unapproved',
      'flow_unapproved',
    ]);
  });
});

describe('laundering that is caught', () => {
  test('through a child: it reads, and the parent leaves', async () => {
    const parent = await begin([...READS, ...LEAVES]);
    const child = await begin(READS, { parent });
    expect(await use(child, 'inbox')).toBe('allowed');
    expect(await leave(parent)).toBe('flow_denied');
  });

  test('through a parent: it reads, and a child leaves', async () => {
    const parent = await begin([...READS, ...LEAVES]);
    await use(parent, 'inbox');
    expect(await leave(await begin(LEAVES, { parent }))).toBe('flow_denied');
  });

  test('through a sibling: one child reads, and another leaves', async () => {
    const parent = await begin([...READS, ...LEAVES]);
    const [reader, sender] = [await begin(READS, { parent }), await begin(LEAVES, { parent })];
    await use(reader, 'inbox');
    expect([await leave(sender), await use(sender, 'post')]).toEqual([
      'flow_denied',
      'flow_denied',
    ]);
  });

  test('through another capability of the same workflow, in tiers 2 and 3', async () => {
    const wide = await begin([...READS, ...LEAVES]);
    const narrow = await begin(LEAVES, { workflow: wide.workflow });
    await use(wide, 'inbox');
    expect([await leave(narrow), await use(narrow, 'post')]).toEqual([
      'flow_denied',
      'flow_denied',
    ]);
  });

  test('in tier 1, by a capability that could have read it, and by any child', async () => {
    const wide = await begin([...READS, FETCH]);
    const url = 'https://docs.example.com/guides';
    expect(await use(wide, 'fetch', { url })).toBe('flow_denied');
    expect(await use(await begin([FETCH]), 'fetch', { url })).toBe('allowed');
    expect(await use(await begin([FETCH], { parent: wide }), 'fetch', { url })).toBe('flow_denied');
    await expect
      .poll(() => trailOf(stage, wide.workflow))
      .toContainEqual(
        expect.objectContaining({ flow: { labels: ['private', 'secret'], label: 'assumed' } }),
      );
  });

  test('through a file that another workflow reads, if the catalogue labels its dataset', async () => {
    const first = await begin([...READS, ...MARKED]);
    await use(first, 'inbox');
    await use(first, 'save', { path: 'marked/notes', text: 'all of it' });
    const second = await begin([...MARKED, ...LEAVES]);
    await use(second, 'open', { path: 'marked/notes' });
    expect(await leave(second)).toBe('flow_denied');
  });

  test('through a new workflow of the same agent and person, while the label lasts', async () => {
    const wired = async (change: object = {}) => {
      const later = await begin(WIRE, change);
      return [await use(later, 'wire'), await use(later, 'transfer')];
    };
    const free = ['allowed', 'allowed'];
    expect(await wired()).toEqual(free);
    const first = await begin([...PAYROLL, ...WIRE]);
    expect(await use(first, 'payroll')).toBe('allowed');
    expect(await wired()).toEqual(['flow_denied', 'flow_denied']);
    expect(await wired({ subjectToken: await stage.identity.jwt('bob') })).toEqual(free);
    const later = await begin(WIRE);
    await use(later, 'wire');
    const view = await (await admin(stage, `workflows/${later.workflow}`)).json();
    expect(view).toMatchObject({
      labels: [{ label: 'payroll', workflow: first.workflow, tool: 'mcp/office/payroll' }],
    });
  });

  test('through the URL of a read', async () => {
    const own = await begin([FETCH]);
    for (const url of [
      'https://docs.example.com/guides?q=all-of-it',
      'https://docs.example.com/guides/all-of-it',
    ]) {
      expect(await use(own, 'fetch', { url })).toBe('url_unbound');
    }
  });
});

describe('laundering that is not caught', () => {
  test('through a new workflow of the same agent and person, if the label does not last', async () => {
    const first = await begin([...READS, ...LEAVES]);
    await use(first, 'inbox');
    expect(await leave(first)).toBe('flow_denied');
    expect(await leave(await begin(LEAVES))).toBe('allowed');
  });

  test('through a file that another workflow reads, if nothing labels its dataset', async () => {
    const first = await begin([...READS, ...FILES]);
    await use(first, 'inbox');
    expect(await use(first, 'save', { path: 'shared/notes', text: 'all of it' })).toBe('allowed');
    const second = await begin([...FILES, ...LEAVES]);
    await use(second, 'open', { path: 'shared/notes' });
    expect(await leave(second)).toBe('allowed');
  });
});

describe('a limit over time', () => {
  const of = async (person: string, grants = BANK) =>
    begin(grants, { subjectToken: await stage.identity.jwt(person) });
  const pay = (capability: Capability, amount: number, to = 'ann') =>
    use(capability, 'pay', { amount, to });
  const shown = async ({ workflow }: Capability) => {
    const view = await (await admin(stage, `workflows/${workflow}`)).json();
    return (view as { history: { rule: string; used: number }[] }).history;
  };

  test('holds over two workflows of one person, and a failed call permits nothing and counts', async () => {
    const [first, second] = [await of('carol'), await of('carol')];
    expect(await pay(first, 60)).toBe('history_order');
    expect(await use(first, 'approve', { id: 'fails' })).not.toBe('allowed');
    expect(await pay(first, 60)).toBe('history_order');
    expect(await use(first, 'approve', { id: 'one' })).toBe('allowed');
    expect(await pay(first, 60)).toBe('allowed');
    // The order is that of a workflow, and the sum that of the person.
    expect(await pay(second, 1)).toBe('history_order');
    expect(await use(second, 'approve', { id: 'two' })).toBe('allowed');
    expect(await pay(second, 41)).toBe('history_limit');
    expect(await pay(second, 10, 'fails')).not.toBe('allowed');
    expect(await pay(second, 31)).toBe('history_limit');
    expect(await pay(second, 30)).toBe('allowed');
    expect(await pay(second, 0, 'a third')).toBe('history_limit');
    expect(await shown(second)).toMatchObject([
      { rule: 'approved', scope: 'workflow', of: second.workflow, used: 1 },
      { rule: 'an-hour', scope: 'subject', of: expect.stringContaining('carol'), used: 100 },
      { rule: 'payees', scope: 'workflow', used: 2, most: 2 },
    ]);
    const denial = { rule: 'an-hour', most: 100, left: 40 };
    await expect
      .poll(() => trailOf(stage, second.workflow), { timeout: 5_000 })
      .toContainEqual(expect.objectContaining({ detail: expect.objectContaining(denial) }));
    const other = await of('dora');
    await use(other, 'approve', { id: 'three' });
    expect(await pay(other, 100)).toBe('allowed');
  });

  test('is given back for a call that was charged, and that a flow denies', async () => {
    const own = await of('erin', [...BANK, ...READS]);
    await use(own, 'approve', { id: 'four' });
    await use(own, 'inbox');
    expect(await pay(own, 60)).toBe('flow_denied');
    expect((await shown(own)).find(({ rule }) => rule === 'an-hour')?.used).toBe(0);
  });
});
