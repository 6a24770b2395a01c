/** Commands that show one answer of the admin API. */
import { expect, test } from 'vitest';
import { atIssuer } from './issuer-scene.ts';

const AT = '2026-11-23T09:00:00.000Z';
const AS_OF = { at: AT, epoch: 1, seq: 4 };
const OVER = { requests: 3, since: AT, complete: true };
const PARTY = { living: 1, mints: 2, refusals: 0, last_seen: AT, agents: ['idp#a'] };

test('hewn subjects reads every page', async () => {
  const pages = [
    { as_of: AS_OF, over: OVER, next: 'idp#alice', subjects: [subject('idp#alice')] },
    { as_of: AS_OF, over: OVER, subjects: [subject('idp#bob\u202e')] },
  ];
  const asked: string[] = [];
  const ran = await atIssuer(['subjects', '--match', 'idp'], undefined, {
    fetch: async (input) => {
      asked.push(new URL(String(input)).search);
      return Response.json(pages[asked.length - 1]);
    },
  });
  expect(asked).toEqual(['?q=idp', '?q=idp&after=idp%23alice']);
  expect(ran.out).toContain('idp#alice');
  expect(ran.out).toContain('idp#bob\\u{202e}');
  expect(ran.err).toContain('drawn from 3 recorded requests');
});

const subject = (name: string) => ({ ...PARTY, subject: name, owners: [], denied: false });

test('hewn owners marks an owner that the policy names no more', async () => {
  const owners = [
    { ...PARTY, owner: 'team-a', in_policy: true, denied: false },
    { ...PARTY, owner: 'team-b', in_policy: false, denied: false },
    { ...PARTY, owner: 'team-c', in_policy: false, denied: true },
  ];
  const { out } = await atIssuer(['owners'], { as_of: AS_OF, over: OVER, owners });
  expect(out).toMatch(/team-b .* gone /);
  expect(out).toMatch(/team-c .* denied /);
  expect(out).not.toMatch(/team-a .* gone /);
});

test('hewn approvals answers shows who decided, and that there were more', async () => {
  const answers = [
    { approval: 'apr_1', decision: 'refuse', at: AT, by: 'corp#ann', reason: 'too wide' },
    { approval: 'apr_2', decision: 'approve', at: AT },
  ];
  const answer = { as_of: AS_OF, answers, complete: false };
  const { out, err } = await atIssuer(['approvals', 'answers'], answer);
  expect(out).toContain('refuse    corp#ann');
  expect(out).toContain('approve   erased');
  expect(err).toBe('there were more answers within the day');
});

const HEALTH = {
  as_of: AS_OF,
  issuer: 'https://issuer.example',
  head: [],
  verifiers_seen: 2,
  verifiers_current: 1,
  drill: null,
  logs: null,
  storage: [],
  keys: [],
  identity: [],
  witnesses: [],
  problems: [],
};
const verifier = (name: string, more: object) => ({
  name,
  shard: 0,
  epoch: 1,
  seq: 4,
  behind: 0,
  seen_at: AT,
  state: 'current',
  ...more,
});

test('hewn verifiers list is 0 only if every verifier that reported is current', async () => {
  const current = verifier('aaaa:1', { audience: 'https://gw.example', version: '0.4.0' });
  const behind = verifier('bbbb:1', { behind: 2, state: 'behind', error: 'timeout' });
  const all = await atIssuer(['verifiers', 'list'], { ...HEALTH, verifiers: [current] });
  expect(all.code).toBe(0);
  const some = await atIssuer(['verifiers', 'list'], { ...HEALTH, verifiers: [behind, current] });
  expect(some.code).toBe(1);
  expect(some.out).toMatch(/bbbb:1 .* lacks 2 .* timeout/);
  expect(some.out).toContain('1 of 2 verifiers');
  const none = await atIssuer(['verifiers', 'list'], { ...HEALTH, verifiers: [] });
  expect(none.code).toBe(1);
});

test('hewn drill runs is 1 if a run of those shown was late', async () => {
  const run = { at: AT, shard: 0, verdict: 'in_time', ms: 900, confirmed: 2, late: [], silent: [] };
  const answer = { every_seconds: 60, bound_ms: 15_000, runs: [run] };
  const good = await atIssuer(['drill', 'runs', '--limit', '5'], answer);
  expect(good).toMatchObject({ code: 0, err: expect.stringContaining('every 60 s') });
  expect(good.sent).toEqual([{ call: 'GET /admin/v1/drill?limit=5' }]);
  const late = { ...run, verdict: 'late', late: ['aaaa:1'] };
  const bad = await atIssuer(['drill', 'runs'], { bound_ms: 1, runs: [run, late] });
  expect(bad.code).toBe(1);
  expect(bad.out).toContain('aaaa:1');
  expect(bad.err).toContain('[drill]');
});

test('hewn operators passkeys and remove-passkey work on other people', async () => {
  const passkey = { id: 'q83vEjRW', name: 'corp#ann', label: 'laptop\u001b', at: 1_795_428_000 };
  const listed = await atIssuer(['operators', 'passkeys'], { passkeys: [passkey], required: true });
  expect(listed.out).toContain('laptop\\u{1b}');
  expect(listed.out).toContain('never');
  expect(listed.err).toBe('an approval needs a passkey');
  const words = ['operators', 'remove-passkey', 'q83vEjRW', '--reason', 'stolen'];
  expect((await atIssuer(words)).sent).toEqual([
    { call: 'POST /admin/v1/passkeys/q83vEjRW/remove', body: { reason: 'stolen' } },
  ]);
});

const EXPLAINED = {
  as_of: AS_OF,
  id: 'v-1.2',
  at: AT,
  workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA',
  tool: 'mcp/files/write_file',
  allowed: false,
  code: 'no_grant',
  summary: 'No grant covers \u001bfiles.',
  checks: [{ step: 'grant', passed: false, words: 'No grant covers it.' }],
  rule: {
    file: 'policy/files.datalog',
    line: 12,
    text: 'allow if\n  false;',
    words: 'The nearest.',
  },
  allowed_instead: 'Reading files/reports.',
  change: {
    file: 'policy/files.datalog',
    line: 14,
    diff: [{ sign: '+', text: 'allow if true;' }],
    allows: true,
  },
  warning: 'This opens more.',
};

test('hewn audit why shows the file and line of the rule, and the change', async () => {
  const { code, out, sent } = await atIssuer(['audit', 'why', 'v-1.2'], EXPLAINED);
  expect(sent).toEqual([{ call: 'GET /admin/v1/decisions/v-1.2/why' }]);
  expect(code).toBe(1);
  expect(out).toContain('denied  No grant covers \\u{1b}files. (no_grant)');
  expect(out).toContain('policy/files.datalog:12  The nearest.');
  expect(out).toContain('      allow if\n        false;');
  expect(out).toContain('      + allow if true;');
  expect(out).toContain('This opens more.');
  const { as_of, id, at } = EXPLAINED;
  const allowed = await atIssuer(['audit', 'why', 'v-1.2'], { as_of, id, at, allowed: true });
  expect(allowed).toMatchObject({ code: 0, out: expect.stringMatching(/^allowed\n/) });
});
