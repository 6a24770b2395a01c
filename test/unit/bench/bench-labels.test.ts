import { expect, test } from 'vitest';
import { BenchLabels, withFlow } from '../../../bench/attacks/bench-labels.ts';
import { describeCall, parseCatalogue } from '../../../src/catalogue/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

const catalogue = withFlow(
  unwrap(
    parseCatalogue(`
[[tool]]
name = "mcp/mail/read"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "mail" }]
answer = { labels = ["private", "untrusted"] }

[[tool]]
name = "mcp/mail/send"
action = "write"
tier = 3
arguments = ["to"]
datasets = [{ fixed = "mail" }]
leaves = true
sinks = ["/to"]
`),
  ),
);

const inWorkflow = (workflow: string, tool: string, args = {}) => ({
  catalogue,
  call: unwrap(describeCall(catalogue, tool, args)),
  evidence: { workflow },
  isApproved: false,
  attested: [],
  reach: async () => ({ grants: [], ancestors: [] }),
});

test('a child is asked about what its root has read, and another workflow is not', async () => {
  const labels = new BenchLabels();
  const send = (workflow: string) =>
    labels.decide(inWorkflow(workflow, 'mcp/mail/send', { to: 'a@b.c' }));
  expect(await send('wf_1.1')).toBeUndefined();
  await labels.raise(inWorkflow('wf_1', 'mcp/mail/read'));
  expect(await send('wf_1')).toMatchObject({ code: 'flow_unapproved' });
  expect(await send('wf_1.1')).toMatchObject({ code: 'flow_unapproved' });
  expect(await send('wf_2')).toBeUndefined();
});
