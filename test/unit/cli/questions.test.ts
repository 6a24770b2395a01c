// cspell:ignore mesage
import { expect, test } from 'vitest';
import { hewn } from './scene.ts';

const AS_OF = { at: '2026-11-29T07:00:00.000Z', epoch: 1, seq: 4 };
const OVER = { requests: 3, since: '2026-11-28T07:00:00.000Z', complete: true };
const GRANT = { tool: 'mcp/mail/send', action: 'write', dataset: 'mail' };

const asked: string[] = [];
const run = (words: readonly string[], answer: object) =>
  hewn(words, {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input) => {
      asked.push(String(input));
      return Response.json(answer);
    },
  });

const whoCan = (words: readonly string[], more: object = {}) =>
  run(['who-can', ...words], {
    as_of: AS_OF,
    about: {},
    version: 'f'.repeat(64),
    held: [],
    held_complete: true,
    by_policy: [],
    by_policy_complete: true,
    unused: [],
    unused_known: true,
    over: OVER,
    ...more,
  });

const HELD = {
  workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA',
  state: 'active',
  agent: 'idp#agent',
  subject: 'idp#alice\u202e',
  owner: 'team',
  task: 'report',
  grant: { ...GRANT, constraints: { '/to': { exact: 'a@acme.example' } } },
  began_at: AS_OF.at,
  ends_at: '2026-11-29T08:00:00.000Z',
};
const BY_POLICY = {
  agent: 'idp#agent',
  subjects: 1,
  example: { subject: 'idp#alice', task: 'report', audience: 'https://gw.example' },
  grant: GRANT,
  verdict: 'approval',
  conditions: ['for a person of idp'],
  rule: { file: 'policy/mail.datalog', line: 12, text: 'allow if true' },
};

test('hewn who-can shows what is held, what the policy gives, and what was never used', async () => {
  const { code, out, err } = await whoCan(['mcp/mail/send', 'mail'], {
    held: [HELD],
    by_policy: [BY_POLICY, { ...BY_POLICY, agent: 'idp#other', verdict: 'no_rule' }],
    unused: [
      {
        agent: 'idp#agent',
        ...GRANT,
        given: 7,
        first_given: AS_OF.at,
        last_given: AS_OF.at,
        used: 0,
      },
    ],
  });
  expect(code).toBe(0);
  const query = new URL(asked.at(-1) ?? '').searchParams;
  expect(Object.fromEntries(query)).toEqual({ tool: 'mcp/mail/send', dataset: 'mail' });
  expect(out).toMatch(/Held now:\nWORKFLOW .*\nwf_A+ +active +idp#agent .*write mcp\/mail\/send/);
  expect(out).toContain('/to {"exact":"a@acme.example"}');
  expect(out).not.toContain('\u202e');
  expect(out).toMatch(/By the policy:\n.*\nidp#agent +for a person of idp .*after approval/);
  expect(out).toContain('policy/mail.datalog:12');
  expect(out).toMatch(/Refused by the policy:\n.*\nidp#other .*no_rule/);
  expect(out).toMatch(/Granted and never used:\n.*\nidp#agent .* 7 /);
  expect(err).toContain('drawn from 3 recorded requests since 2026-11-28T07:00:00Z');
});

test('hewn who-can exits with 1 if no agent can, and says what is missing in the answer', async () => {
  const { code, out, err } = await whoCan(['--dataset', 'files/private'], {
    version: null,
    over: { ...OVER, complete: false },
  });
  expect(code).toBe(1);
  expect(out).toContain('Held now: no living workflow holds it');
  expect(out).toContain('no policy is in force');
  expect(err).toContain('there are older ones');
});

test('hewn who-can says that a tool is unknown, and which known one has a name like it', async () => {
  const counts = { living: 0, given: 0, agents: [], datasets: [], denied: false };
  const tools = [{ tool: 'mcp/mail/send_message', ...counts }];
  const { code, err } = await whoCan(['mcp/mail/send_mesage'], { tools });
  expect(code).toBe(1);
  expect(err).toContain('no tool of the name "mcp/mail/send_mesage"');
  expect(err).toContain('Did you mean mcp/mail/send_message?');
  const known = await whoCan(['mcp/mail/send_message'], { tools });
  expect(known.err).not.toContain('no tool of the name');
});

test('hewn who-can prints the answer of the issuer as JSON', async () => {
  const { out } = await whoCan(['--agent', 'idp#agent', '--json'], { held: [HELD] });
  expect(JSON.parse(out)).toMatchObject({ held: [{ workflow: HELD.workflow }], over: OVER });
});

test.each([
  [[], 'name a tool, or pass --dataset or --agent'],
  [['a', 'b', 'c'], 'name one tool and one dataset'],
  [['a', 'b', '--dataset', 'c'], 'the dataset is there twice'],
])('hewn who-can refuses %j', async (words, why) => {
  expect(await whoCan(words)).toMatchObject({ code: 2, err: expect.stringContaining(why) });
});

test('hewn agents lists every page, and counts what it was drawn from', async () => {
  const agent = {
    agent: 'idp#agent',
    living: 2,
    mints: 40,
    refusals: 1,
    last_seen: AS_OF.at,
    subjects: 1,
    owners: ['team'],
    tools: ['mcp/mail/send'],
    denied: true,
  };
  const answer = { as_of: AS_OF, agents: [agent], over: OVER };
  const { code, out, err } = await run(['agents', '--match', 'agent'], answer);
  expect(code).toBe(0);
  expect(asked.at(-1)).toContain('agents?q=agent');
  expect(out).toMatch(/^AGENT +LIVING .*\nidp#agent +2 +40 +1 +2026-11-29T07:00:00Z +denied/);
  expect(err).toContain('drawn from 3 recorded requests');
  const json = JSON.parse((await run(['agents', '--json'], answer)).out) as object;
  expect(json).toEqual({ agents: [agent], over: OVER });
  const none = await run(['agents'], { ...answer, agents: [] });
  expect(none.out).toContain('no agent matches');
});
