import { expect, test } from 'vitest';
import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { readProjectFile } from './markdown.ts';

const GRANT: Grant = {
  ...{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/summaries/churn.md' },
};

/** What the report agent of the walk-through gets under a policy of these texts, appended. */
function decide(...sources: readonly string[]) {
  const policy = loadPolicy([{ name: 'reports.datalog', source: sources.join('\n') }]);
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  return policy.value.decide({
    workload: { issuerName: 'local-idp', subject: 'report-agent' },
    user: { issuerName: 'local-idp', subject: 'alice' },
    ...{ task: 'quarterly churn report', audience: 'https://gateway.example' },
    now: new Date('2026-11-23T10:00:00Z'),
    requests: [GRANT, { ...GRANT, dataset: 'files/private' }],
  });
}

test("the README's rule, appended to the policy, allows what it says alone", async () => {
  const reports = await readProjectFile('policy/reports.datalog');
  const rule = await readProjectFile('examples/read-summaries.datalog');
  expect(decide(reports).granted).toEqual([]);
  expect(decide(reports, rule).granted.map(({ grant }) => grant)).toEqual([GRANT]);
});
