import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { emptyFolder, hewn } from './scene.ts';

const GIVEN = `[given]
workload = "local-idp#report-agent"
user = "local-idp#alice"
task = "churn report"
audience = "http://127.0.0.1:8787"
time = 2026-11-23T10:00:00Z
`;
const caseOf = (lines: string) => `${GIVEN}\n[[case]]\nname = "one"\n${lines}\n`;
const SEND = 'tool = "mcp/mail/send_message", action = "write", dataset = "mail"';
const DRAFT = 'tool = "mcp/mail/save_draft", action = "write", dataset = "mail"';
const EDIT = 'tool = "mcp/files/edit_file", action = "write", dataset = "files/summaries/churn.md"';
const draft = { tool: 'mcp/mail/save_draft', action: 'write', dataset: 'mail' };
const REQUEST = {
  workload: 'local-idp#report-agent',
  user: 'local-idp#alice',
  task: 'churn report',
  audience: 'http://127.0.0.1:8787',
  time: '2026-11-23T10:00:00Z',
};
const asked = (more: object) => async () => JSON.stringify({ ...REQUEST, ...more });

/** The differences between one case and the decision of the policy. */
async function differences(lines: string): Promise<readonly string[]> {
  await using folder = await emptyFolder();
  const file = folder.file('case.toml');
  await writeFile(file, caseOf(lines));
  const { out, err } = await hewn(['policy', 'test', file, '--json']);
  if (err !== '') throw new Error(err);
  const { cases } = JSON.parse(out) as { cases: { differences: { what: string }[] }[] };
  return cases.flatMap((one) => one.differences.map(({ what }) => what));
}

describe('a case of hewn policy test', () => {
  test.each<[string, string, string[]]>([
    ['a wrong tier', `granted = [{ ${SEND} }]\ntier = 2`, ['tier']],
    ['wrong budgets', `granted = [{ ${SEND} }]\nbudgets = { calls = 7 }`, ['budgets']],
    [
      'other constraints',
      `granted = [{ ${SEND}, constrained = { "/to" = { exact = "a" } } }]`,
      ['write mcp/mail/send_message on mail, constrained'],
    ],
    [
      'an open sink that it does not say',
      `given = { step_up = true }\ngranted = [{ ${DRAFT} }]`,
      ['write mcp/mail/save_draft on mail, open'],
    ],
    [
      'an approval that it does not say',
      `granted = [{ ${EDIT} }]`,
      ['write mcp/files/edit_file on files/summaries/churn.md, approval'],
    ],
    ['nothing', `granted = [{ ${EDIT}, approval = true }]`, []],
  ])('fails for %s', async (_, lines, expected) => {
    expect(await differences(lines)).toEqual(expected);
  });

  test.each([
    ['constraints', `granted = [{ ${SEND}, constraints = { arguments = ["to"] } }]`],
    ['expected constraints', `granted = [{ ${SEND}, constrained = { "/to" = { prefx = "a" } } }]`],
    ['budgets', `granted = [{ ${SEND} }]\nbudgets = { cals = 1 }`],
    ['a tier', `granted = [{ ${SEND} }]\ntier = 4`],
  ])('is rejected with malformed %s', async (_, lines) => {
    await using folder = await emptyFolder();
    const file = folder.file('case.toml');
    await writeFile(file, caseOf(lines));
    expect((await hewn(['policy', 'test', file])).code).toBe(2);
  });
});

describe('hewn policy explain', () => {
  test('names the sink that a grant leaves open', async () => {
    const stdin = asked({ requests: [draft] });
    const ran = await hewn(['policy', 'explain', '--request', '-'], { stdin });
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('refused (sink_open)  write mcp/mail/save_draft on mail  /to/*');
    expect(ran.out).toContain('leaves_open("/to/*")');
  });

  test('shows constraints, open sinks with their reason, tier and budgets', async () => {
    const send = { ...draft, tool: 'mcp/mail/send_message' };
    const stdin = asked({ requests: [draft, send], step_up: true });
    const ran = await hewn(['policy', 'explain', '--request', '-'], { stdin });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('/to/* open: a person reads a draft and sends it');
    expect(ran.out).toContain('/to {"every":{"matches":');
    const whole = 'tier 3, calls 1000, calls of mcp/mail/send_message 10';
    expect(ran.out).toContain(`owner team:growth, at most 300 s, ${whole}`);
  });
});

describe('hewn policy diff', () => {
  test('shows a budget, a tier, an approval or a constraint that would change', async () => {
    await using folder = await emptyFolder();
    const reports = await readFile('policy/reports.datalog', 'utf8');
    const next = folder.file('next.datalog');
    const change = 'max_calls(5); approval(true) <- action("write");';
    await writeFile(next, `${reports}\n${change}`);
    const stdin = asked({ requests: [draft], step_up: true });
    const words = ['policy', 'diff', 'policy', next, '--requests', '-'];
    const { code, out } = await hewn(words, { stdin });
    expect(code).toBe(1);
    expect(out).toMatch(/ {2}\+ granted.*save_draft.*needs approval/);
    expect(out).toContain('  - owner team:growth, at most 300 s, tier 2, calls 1000');
    expect(out).toContain('  + owner team:growth, at most 300 s, tier 2, calls 5');
  });
});

test('hewn policy record keeps constraints, and that it was a step-up', async () => {
  const constraints = { arguments: ['to'], constraints: { '/to': { subsetOf: ['a@b.example'] } } };
  const record = {
    event: 'mint',
    at: Date.UTC(2026, 10, 23, 10),
    stepUp: true,
    owner: 'team:growth',
    agent: 'http://127.0.0.1:9400#report-agent',
    subject: 'http://127.0.0.1:9400#alice',
    task: 'churn report',
    audience: 'http://127.0.0.1:8787',
    grants: [{ ...draft, constraints }],
    refused: [],
  };
  const stdin = async () => JSON.stringify({ records: [{ seq: 1, record }] });
  const words = ['policy', 'record', '--issuer', 'local-idp=http://127.0.0.1:9400'];
  expect(JSON.parse((await hewn(words, { stdin })).out)).toEqual({
    ...REQUEST,
    time: '2026-11-23T10:00:00.000Z',
    step_up: true,
    requests: [{ ...draft, constraints }],
  });
});

test('hewn policy record skips a record that was shortened for the log', async () => {
  const cut = { sha256: 'ab'.repeat(32), bytes: 5_000 };
  const record = {
    event: 'mint',
    at: 1,
    agent: 'http://127.0.0.1:9400#report-agent',
    subject: 'http://127.0.0.1:9400#alice',
    task: 'churn report',
    audience: 'http://127.0.0.1:8787',
    // Without its constraints, it would request more than was granted.
    grants: [{ ...draft, constraints: cut }],
    refused: [],
  };
  const stdin = async () =>
    JSON.stringify({ records: [{ record }, { record: { ...record, grants: cut } }] });
  const words = ['policy', 'record', '--issuer', 'local-idp=http://127.0.0.1:9400'];
  expect(await hewn(words, { stdin })).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('2 records skipped'),
  });
});

test.each([
  ['that does not exist', undefined, /does not exist/],
  ['that is broken', '[[tool]\n', /:1: /],
  ['with a missing member', '[[tool]]\nname = "a"\n', /tool\.0/],
])('hewn policy test reports a catalogue %s', async (_, text, why) => {
  await using folder = await emptyFolder();
  const file = folder.file('tools.toml');
  if (text !== undefined) await writeFile(file, text);
  const ran = await hewn(['policy', 'test', '--catalogue', file]);
  expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(why) });
});
