import { expect, test } from 'vitest';
import { hewn } from './scene.ts';

const ID = `wf_${'a'.repeat(22)}`;
const WORKFLOW = {
  id: ID,
  agent: 'agent',
  subject: 'alice',
  owner: 'team:a',
  task: 'pay bills',
  gen: 0,
  audience: 'https://gateway.example',
  grants: [{ tool: 'mcp/bank/pay', action: 'write', dataset: 'bank' }],
  startedAt: 1,
  expires: 2,
  ends: 3,
  blocks: [],
  state: 'active',
  ancestors: [],
  children: [],
  meters: [],
};
const RULE = {
  rule: 'a-day',
  kind: 'sum',
  words: 'At most 3000 in /amount of mcp/bank/pay within 1 day, over all calls of one subject.',
  reason: 'The bank insures 3,000 a day.',
  scope: 'subject',
  of: 'alice\nbob',
};

test('shows each rule over history with what is used, what is reserved and whose calls count', async () => {
  const history = [
    { ...RULE, used: 1_200.5, reserved: 100, most: 3_000, within: 86_400 },
    { ...RULE, rule: 'approved', kind: 'after', scope: 'workflow', of: ID, used: 2, reserved: 0 },
    { ...RULE, rule: 'silent', most: 3_000 },
  ];
  const ran = await hewn(['workflows', 'show', ID], {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async () => Response.json({ ...WORKFLOW, history }),
  });
  const lines = ran.out.split('\n').filter((line) => line.startsWith('  history'));
  expect(lines.map((line) => line.slice('  history     '.length, -RULE.words.length))).toEqual([
    'a-day: 1200.5 of 3000 used, 100 of it reserved, by subject "alice\\nbob". ',
    `approved: 2 used by workflow "${ID}". `,
    'silent: use unknown by subject "alice\\nbob". ',
  ]);
});
