import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { DENIALS, GATEWAY_DENIALS } from '../../../src/denials/index.ts';
import { type DeniedCall, explainDenial, type Known } from '../../../src/explain/index.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { readProjectFile } from '../docs/markdown.ts';

const catalogue = await readProjectFile('policy/tools.toml');
const files = [
  { name: 'policy/reports.datalog', source: await readProjectFile('policy/reports.datalog') },
];

function knownOf(sources = files): Known {
  const tools = parseCatalogue(catalogue);
  if (!tools.ok) throw new Error(tools.error.code);
  const policy = loadPolicy(sources, tools.value);
  if (!policy.ok) throw new Error(policy.error.code);
  const version = { id: '9f2c71', files: sources, policy: policy.value, catalogue };
  return { version, input, grants: policy.value.decide(input).granted.map(({ grant }) => grant) };
}

const READ = 'mcp/files/read_text_file';
const MAIL = 'mcp/mail/send_message';
const GRANTS: readonly Grant[] = [
  { tool: READ, action: 'read', dataset: 'files/reports' },
  { tool: MAIL, action: 'write', dataset: 'mail' },
];
const input: PolicyInput = {
  workload: { issuerName: 'local-idp', subject: 'report-agent' },
  user: { issuerName: 'local-idp', subject: 'alice' },
  task: 'churn',
  audience: 'https://gateway.example',
  now: new Date('2026-11-29T10:00:00Z'),
  requests: GRANTS,
};
const known = knownOf();

const call = (code: string, more: Partial<DeniedCall> = {}): DeniedCall => ({
  code,
  workflow: 'wf_1',
  agent: 'local-idp#report-agent',
  tool: READ,
  action: 'read',
  ...more,
});
const SALARIES = call('no_grant', {
  datasets: ['files/private/salaries.csv'],
  detail: { tool: READ, action: 'read', dataset: 'files/private/salaries.csv' },
  headAgeSeconds: 0.8,
});

describe('a call that no grant covers', () => {
  const explained = explainDenial(SALARIES, known);

  test('is explained with the checks that passed before it', () => {
    expect(explained.summary).toBe(
      `No grant covers read with ${READ} on files/private/salaries.csv.`,
    );
    expect(explained.checks.map(({ step, passed }) => [step, passed])).toEqual([
      ['token', true],
      ['call', true],
      ['holder', true],
      ['freshness', true],
      ['stops', true],
      ['time', true],
      ['grants', false],
    ]);
    expect(explained.checks[3]?.words).toContain('0.8 s old');
  });

  test('names the nearest rule with its file and line, and what is granted instead', () => {
    const { rule } = explained;
    expect(rule).toMatchObject({ version: '9f2c71', file: 'policy/reports.datalog' });
    expect(files[0]?.source.split('\n')[(rule?.line ?? 0) - 1]).toBe('allow if');
    expect(rule?.text).toMatch(/^allow if\n {2}report_agent\(\$user\),[\s\S]*;$/);
    expect(explained.allowed_instead).toBe(
      `With ${READ}: read on files/reports and everything below it.`,
    );
  });

  test('has a change that the policy itself was asked about, with its price', () => {
    const { change, warning } = explained;
    expect(change?.allows).toBe(true);
    const added = change?.diff.filter(({ sign }) => sign === '+').map(({ text }) => text) ?? [];
    expect(added.join('\n')).toContain('under("files/private/salaries.csv");');
    expect(added.join('\n')).toContain('report_agent($user)');
    const lines = files[0]?.source.split('\n') ?? [];
    const at = (change?.line ?? 0) - 1;
    const source = [...lines.slice(0, at), ...added, ...lines.slice(at)].join('\n');
    const changed = knownOf([{ name: 'policy/reports.datalog', source }]);
    const [wanted] = [{ tool: READ, action: 'read', dataset: 'files/private/salaries.csv' }];
    const decided = changed.version?.policy.decide({ ...input, requests: [wanted as Grant] });
    expect(decided?.granted).toHaveLength(1);
    expect(warning).toContain('every run of local-idp#report-agent');
  });

  test('is explained by the grant that the agent did not ask for, if the policy would give it', () => {
    const dataset = 'files/summaries/q3.md';
    const write = 'mcp/files/write_file';
    const denied = call('no_grant', {
      tool: write,
      action: 'write',
      datasets: [dataset],
      detail: { tool: write, action: 'write', dataset },
    });
    const { allowed_instead, change } = explainDenial(denied, known);
    expect(allowed_instead).toContain('The policy would also grant this call');
    expect(change).toBeUndefined();
  });

  test('has no change where a deny rule refuses it', () => {
    const source = `${files[0]?.source}\ndeny if under("files/private");\n`;
    const denied = explainDenial(SALARIES, knownOf([{ name: 'p.datalog', source }]));
    expect(denied.rule).toMatchObject({ text: 'deny if under("files/private");' });
    expect(denied.change).toBeUndefined();
    expect(denied.warning).toContain('on purpose');
  });

  test('is explained as far as possible if nothing but the record is known', () => {
    const { rule, change, allowed_instead } = explainDenial(SALARIES);
    expect([rule, change]).toEqual([undefined, undefined]);
    expect(allowed_instead).toBe('The grants of this workflow are not known.');
  });
});

describe('a call outside a limit of the policy', () => {
  const denied = call('constraint_failed', {
    tool: MAIL,
    action: 'write',
    datasets: ['mail'],
    detail: { tool: MAIL, pointer: '/to/0', block: 0, check: 3, source: 'matches [a-z]+' },
  });

  test('names the rule that requires it', () => {
    const { rule, summary, checks } = explainDenial(denied, known);
    expect(rule?.text).toContain('require_constraint("/to", {"every"');
    expect(summary).toContain('/to/0');
    expect(checks.at(-1)).toMatchObject({ step: 'limits', passed: false });
  });

  test('has a change with a blank for the value, which the policy was asked about', () => {
    const { change, warning } = explainDenial(denied, known);
    expect(change).toMatchObject({
      file: 'policy/reports.datalog',
      allows: false,
      blank: { text: '"<value>"', form: 'text', pointer: '/to/0' },
    });
    const added = change?.diff.filter(({ sign }) => sign === '+').map(({ text }) => text) ?? [];
    expect(added[0]).toBe(
      'require_constraint("/to", {"every": {"anyOf": [{"matches": "[a-z0-9.]+@acme\\\\.example"}, {"exact": "<value>"}]}}) <-',
    );
    expect(warning).toContain('every run');
    const removed = change?.diff.filter(({ sign }) => sign === '-').map(({ text }) => text) ?? [];
    const source = files[0]?.source.replace(
      removed.join('\n'),
      added.join('\n').replace('<value>', 'ann@partner.example'),
    );
    const filled = knownOf([{ name: 'policy/reports.datalog', source: source ?? '' }]);
    const mail = filled.grants?.find(({ tool }) => tool === MAIL);
    expect(JSON.stringify(mail?.constraints)).toContain('ann@partner.example');
  });

  test('has no change where the limit is not written out in the rule', () => {
    const source = files[0]?.source.replace(
      /require_constraint\("\/to", \{.*\}\) <-/,
      'limit("ok", {"every": {"suffix": "@acme.example"}});\nrequire_constraint("/to", $limit) <-\n  limit("ok", $limit),',
    );
    const { rule, change, warning } = explainDenial(
      denied,
      knownOf([{ name: 'p.datalog', source: source ?? '' }]),
    );
    expect(rule?.text).toContain('require_constraint("/to", $limit)');
    expect(change).toBeUndefined();
    expect(warning).toMatch(/^The limit is not written out in the rule\. Widening/);
  });

  test('names no rule if the request set the limit itself', () => {
    const own = { ...denied, detail: { ...denied.detail, pointer: '/subject' } };
    expect(explainDenial(own as DeniedCall, known).rule).toBeUndefined();
  });
});

test('a path that cannot be mapped has no change, and shows the entry of the catalogue', () => {
  const denied = call('dataset_unmappable', {
    detail: { pointer: '/path', why: 'it contains ..' },
  });
  const { rule, change, warning } = explainDenial(denied, known);
  expect(rule?.text).toContain(`name = "${READ}"`);
  expect(change).toBeUndefined();
  expect(warning).toContain('No policy can allow this');
});

test.each([...Object.keys(DENIALS), ...Object.keys(GATEWAY_DENIALS), 'a_later_code'])(
  'the code %s has a sentence, checks of which only the last failed, and an alternative',
  (code) => {
    const explained = explainDenial(call(code, { detail: {} }), known);
    expect(explained.summary).toMatch(/^[A-Z].*\.$/);
    expect(explained.checks.map(({ passed }) => passed).lastIndexOf(true)).toBe(
      explained.checks.length - 2,
    );
    expect(explained.checks.at(-1)).toMatchObject({ passed: false, words: explained.summary });
    if (code !== 'a_later_code') expect(explained.allowed_instead).toMatch(/^[A-Z]/);
  },
);

test('text of an agent is shown with its hidden characters as numbers', () => {
  const denied = call('no_grant', { tool: 'x\u202ey', datasets: ['a\u0007'], detail: {} });
  expect(explainDenial(denied).summary).toBe('No grant covers read with x\\u{202e}y on a\\u{7}.');
});

describe('a call that a rule over history denies', () => {
  const rule = { rule: 'a-day', why: 'The bank insures 3,000 a day.' };
  const limit = { ...rule, counts: 'sum', most: 3000, left: 0.1, seconds: 60 };

  test.each<[string, DeniedCall['detail'], string, RegExp]>([
    [
      'history_limit',
      limit,
      'The rule a-day allows 3000 in all, of which 2999.9 are used: The bank insures 3,000 a day.',
      /^At most 0\.1 in all more\. It may allow more in 60 s\./,
    ],
    [
      'history_limit',
      { ...rule, counts: 'calls', most: 1, left: 0 },
      'The rule a-day allows 1 call, of which 1 is used: The bank insures 3,000 a day.',
      /^Nothing now\. Splitting/,
    ],
    [
      'history_used',
      { ...rule, pointer: '/id' },
      'The rule a-day allows each value of /id once, and this one was used: The bank insures 3,000 a day.',
      /^Get a new value/,
    ],
    [
      'history_order',
      { ...rule, needs: 'after', of: 'ask' },
      'The rule a-day allows the call only after ask, and no such call counts: The bank insures 3,000 a day.',
      /^Make the calls in the order/,
    ],
    [
      'history_order',
      { ...rule, needs: 'not_after', of: 'ask' },
      'The rule a-day does not allow the call after ask: The bank insures 3,000 a day.',
      /^Make the calls in the order/,
    ],
  ])('is explained by the numbers of its record: %s %#', (code, detail, summary, instead) => {
    const explained = explainDenial(call(code, { detail }), known);
    expect(explained.summary).toBe(summary);
    expect(explained.allowed_instead).toMatch(instead);
  });

  test('is explained by the rule, as the catalogue that decided has it', () => {
    const { version } = known;
    if (!version) throw new Error('the fixture has a version');
    const history = `
[[history]]
id = "a-day"
kind = "calls"
tools = ["${READ}"]
most = 5
reason = "a test"
`;
    const changed = catalogue.replace(
      /(name = "mcp\/files\/read_text_file"[^[]*?tier = )\d/,
      '$13',
    );
    const denied = call('history_limit', { detail: limit });
    const explained = explainDenial(denied, {
      ...known,
      version: { ...version, catalogue: changed + history },
    });
    expect(explained.rule).toMatchObject({
      words: `At most 5 calls of ${READ} of one workflow and everything below it.`,
      text: expect.stringMatching(/^id = "a-day"\nkind = "calls"/),
    });
    expect(explainDenial(denied, known).rule).toBeUndefined();
  });
});

describe('a call that a flow denies', () => {
  const detail = { labels: 'private hr', label: 'exact', reason: 'mail stays here' };

  test('is explained by what was read, how it is known, and why that matters', () => {
    expect(explainDenial(call('flow_denied', { detail }), known)).toMatchObject({
      summary: 'The workflow or one of its family carries private hr: mail stays here.',
      checks: expect.arrayContaining([expect.objectContaining({ step: 'server', passed: false })]),
    });
    const assumed = call('flow_unapproved', { detail: { ...detail, label: 'assumed' } });
    expect(explainDenial(assumed, known).summary).toBe(
      'The workflow or one of its family could have read, by the grants of its token, private hr: mail stays here. A person has to approve exactly this call.',
    );
  });

  test('is explained by its URL, if that is not bounded', () => {
    const url = call('url_unbound', {
      tool: 'web.fetch',
      detail: { pointer: '/url', why: 'a host' },
    });
    expect(explainDenial(url, known).summary).toBe(
      'The URL in /url of web.fetch is not bounded: a host.',
    );
  });
});
