import type { MintRecord, RefusalRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { type Names, SeenRequests } from '../../../src/questions/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';

export const AT = Date.parse('2026-11-23T10:00:00Z');
export const AGENT = 'https://idp.example#agent';
export const ALICE = 'https://idp.example#alice';

export const names: Names = (qualified) =>
  qualified.startsWith('https://idp.example#') ? { issuerName: 'idp' } : undefined;

export const grant = (tool = 'read', dataset = 'files/reports'): Grant => ({
  tool,
  action: 'read',
  dataset,
});

let ids = 0;
const stamp = () => {
  ids += 1;
  return { id: `r.${ids}`, at: AT + ids };
};

export const mint = (change: Partial<MintRecord> = {}): MintRecord => ({
  event: 'mint',
  ...stamp(),
  workflow: 'wf_1',
  agent: AGENT,
  subject: ALICE,
  owner: 'team:growth',
  task: 'report',
  audience: 'https://crm.example',
  blocks: [],
  grants: [grant()],
  rules: ['allow if true'],
  refused: [],
  tier: 1,
  budgets: {},
  expires: AT / 1000 + 300,
  ...change,
});

export const refusal = (change: Partial<RefusalRecord> = {}): RefusalRecord => ({
  event: 'refusal',
  ...stamp(),
  agent: AGENT,
  subject: ALICE,
  task: 'report',
  audience: 'https://crm.example',
  error: 'access_denied',
  code: 'policy_refused:no_rule',
  grants: [grant()],
  ...change,
});

export const seenOf = (...records: readonly (MintRecord | RefusalRecord)[]): SeenRequests => {
  const seen = new SeenRequests();
  for (const record of records) seen.take(record);
  return seen;
};

const STAFF = 'owner("team:growth"); max_lifetime(300);';

export function policyOf(...statements: readonly string[]) {
  const source = [STAFF, ...statements].join('\n');
  const loaded = loadPolicy([{ name: 'test.datalog', source }], CATALOGUE);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}
