import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { readCases } from '../../../src/cli/policy/cases.ts';
import { runCase } from '../../../src/cli/policy/test.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { projectCatalogue } from '../fixtures/catalogue.ts';
import { fences, projectFile, readProjectFile } from './markdown.ts';

const GRANT: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/summaries/churn.md',
};

/** What the report agent of the walk-through gets under a policy of these texts, appended. */
function decide(...sources: readonly string[]) {
  const policy = loadPolicy(
    [{ name: 'reports.datalog', source: sources.join('\n') }],
    projectCatalogue(),
  );
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  return policy.value.decide({
    workload: { issuerName: 'local-idp', subject: 'report-agent' },
    user: { issuerName: 'local-idp', subject: 'alice' },
    task: 'quarterly churn report',
    audience: 'https://gateway.example',
    now: new Date('2026-11-23T10:00:00Z'),
    requests: [GRANT, { ...GRANT, dataset: 'files/private' }],
  });
}

test("the README's rule allows exactly what it says when appended to the policy", async () => {
  const reports = await readProjectFile('policy/reports.datalog');
  const rule = await readProjectFile('examples/read-summaries.datalog');
  expect(decide(reports).granted).toEqual([]);
  expect(decide(reports, rule).granted.map(({ grant }) => grant)).toEqual([GRANT]);
});

test('the issuer bundles every policy file, in alphabetical order', async () => {
  const files = (await readdir(projectFile('policy'))).filter((name) => name.endsWith('.datalog'));
  const source = await readProjectFile('deployment/issuer.ts');
  const imported = new Map<string | undefined, string | undefined>();
  for (const [, name, file] of source.matchAll(/^import (\w+) from '(?:\.\.\/)+(.+\.datalog)'/gm)) {
    imported.set(name, file);
  }
  const listed = [...source.matchAll(/'(policy\/.+\.datalog)': (\w+)/g)];
  expect(listed.map(([, name]) => name)).toEqual(files.sort().map((name) => `policy/${name}`));
  for (const [, name, variable] of listed) expect(imported.get(variable)).toBe(name);
});

test('the cases in docs/reference/policy.md pass', async () => {
  const source = await readProjectFile('policy/reports.datalog');
  const policy = loadPolicy([{ name: 'policy/reports.datalog', source }], projectCatalogue());
  const blocks = fences(await readProjectFile('docs/reference/policy.md'));
  const [toml] = blocks.filter(({ language }) => language === 'toml');
  const cases = readCases(toml?.lines.join('\n') ?? '');
  if (!policy.ok || !cases.ok) throw new Error(JSON.stringify([policy, cases]));
  expect(cases.value).toHaveLength(2);
  for (const one of cases.value) {
    expect(runCase(policy.value, 'docs/reference/policy.md', one).differences).toEqual([]);
  }
});
