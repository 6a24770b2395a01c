import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';

export const grant = (tool = 'read', dataset = 'files/reports'): Grant => ({
  tool,
  action: 'read',
  dataset,
});

export const input = (change: Partial<PolicyInput> = {}): PolicyInput => ({
  workload: { issuerName: 'idp', subject: 'agent' },
  user: { issuerName: 'idp', subject: 'alice' },
  task: 'quarterly report',
  audience: 'https://crm.example',
  now: new Date('2026-11-23T10:00:00Z'),
  requests: [grant()],
  ...change,
});

export const STAFF = 'owner("team:growth"); max_lifetime(300);';

export const decide = (source: string, change: Partial<PolicyInput> = {}) => {
  const loaded = loadPolicy([{ name: 'test.datalog', source }], CATALOGUE);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.decide(input(change));
};
export const codes = (source: string, change: Partial<PolicyInput> = {}) =>
  decide(source, change).refused.map(({ code }) => code);

/** Every statement is on one line. */
export const AT = { file: 'test.datalog', line: 1 };
export const GIVEN = {
  grant: grant(),
  requested: grant(),
  at: AT,
  approvalRequired: false,
  openSinks: [],
};
