import type { ExportedRecord } from '../../../../src/audit/export/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';

const AT = Date.UTC(2026, 10, 28, 12);
const WORKFLOW = 'wf_AAAAAAAAAAAAAAAAAAAAAA';
const parties = {
  workflow: WORKFLOW,
  agent: 'spiffe://acme.example/agent/report',
  subject: 'https://idp.example#alice',
  owner: 'https://idp.example#finance',
  task: 'quarterly churn report',
};
const grants = [{ tool: 'mcp/files/read', action: 'read', dataset: 'files/reports' }];
const call = {
  at: AT,
  verifier: 'v7-0',
  ...parties,
  blocks: ['ab'.repeat(64)],
  method: 'tools/call',
  tool: 'mcp/files/read',
  action: 'read',
  datasets: ['files/reports/q3.md'],
  tier: 1 as const,
  head: { epoch: 1, seq: 7, ageSeconds: 2 },
  catalogue: { judged: 'c'.repeat(64) },
};
const outcome = { status: 200, result: 'ok', milliseconds: 12.5, bytes: 512 } as const;
const operator = { actor: 'operator', reason: 'it reads what it should not' };

/** One record of every kind, and of the forms that differ most. A missing kind does not compile. */
const KINDS: { readonly [Event in AuditRecord['event']]: readonly AuditRecord[] } = {
  mint: [
    {
      event: 'mint',
      id: 'mint.1',
      at: AT,
      ...parties,
      blocks: ['ab'.repeat(64)],
      audience: 'https://gateway.example',
      grants,
      rules: ['policy.pol:3'],
      refused: [],
      tier: 1,
      budgets: {},
      expires: AT / 1000 + 3600,
    },
  ],
  refusal: [
    { event: 'refusal', id: 'r.1', at: AT, agent: parties.agent, error: 'a', code: 'b', grants },
    { event: 'refusal', id: 'r.2', at: AT, error: 'invalid_request', code: 'grants_unreadable' },
  ],
  refusals: [
    {
      event: 'refusals',
      id: 's.1',
      at: AT,
      from: AT - 60_000,
      to: AT,
      count: 9,
      reasons: [{ at: 'token', code: 'identity', count: 9 }],
      samples: [],
    },
  ],
  revocation: [
    {
      event: 'revocation',
      id: 'x.1',
      at: AT,
      ...parties,
      kind: 'workflow',
      target: WORKFLOW,
      ...operator,
    },
  ],
  closing: [
    {
      event: 'closing',
      id: 'closing.wf0_1',
      at: AT,
      ...parties,
      state: 'expired',
      startedAt: 1,
      endedAt: 2,
      mints: 1,
      children: 0,
    },
  ],
  transition: [
    {
      event: 'transition',
      id: 't.1',
      at: AT,
      ...parties,
      move: 'suspend',
      from: 'active',
      to: 'suspended',
      gen: 1,
      ...operator,
    },
    {
      event: 'transition',
      id: 't.2',
      at: AT,
      ...parties,
      move: 'resume',
      from: 'suspended',
      to: 'active',
      gen: 2,
      superseded: true,
      ...operator,
    },
  ],
  watermark: [
    { event: 'watermark', id: 'w.1', at: AT, scope: 'all', value: '', before: 2, ...operator },
  ],
  denial: [
    {
      event: 'denial',
      id: 'd.1',
      at: AT,
      change: 'set',
      scope: 'agent',
      value: parties.agent,
      before: 2,
      ...operator,
    },
  ],
  key: [
    {
      event: 'key',
      id: 'k.1',
      at: AT,
      change: 'added',
      list: 'receipt_keys',
      key: 1,
      public_key: '00'.repeat(32),
      holder: 'https://gateway.example',
      ...operator,
    },
  ],
  deviation: [
    {
      event: 'deviation',
      id: 'v.1',
      at: AT,
      ...parties,
      rule: 'out-of-scope',
      version: 1,
      action: 'suspend',
      effect: 'acted',
      evidence: ['v7-0.3'],
    },
  ],
  rule_armed: [{ event: 'rule_armed', id: 'a.1', at: AT, rule: 'out-of-scope@1', ...operator }],
  erasure: [{ event: 'erasure', id: 'e.1', at: AT, key: 'a'.repeat(32), actor: 'operator' }],
  checkpoint: [
    { event: 'checkpoint', id: 'checkpoint.control.7', at: AT, log: 'control', text: 'o\n7\nr\n' },
  ],
  operator: [
    {
      event: 'operator',
      id: 'o.1',
      at: AT,
      change: 'break_glass',
      actor: 'operator',
      source: 'api',
    },
  ],
  hold: [{ event: 'hold', id: 'h.1', at: AT, change: 'set', hold: 'h', ...operator }],
  gap: [{ event: 'gap', id: 'g.1', at: AT, verifier: 'v7-0', after: 3, before: 6 }],
  dispatch: [{ event: 'dispatch', id: 'v7-0.1', n: 1, ...call }],
  outcome: [
    {
      event: 'outcome',
      id: 'v7-0.4',
      n: 4,
      at: AT,
      verifier: 'v7-0',
      ...parties,
      decision: 'v7-0.2',
      outcome: { ...outcome, result: 'unknown', cause: 'timeout' },
    },
  ],
  stream: [
    { event: 'stream', id: 'e.1', at: AT, stream: 'abc', change: 'created', actor: 'operator' },
  ],
  log_opened: [
    {
      event: 'log_opened',
      id: 'opened.control',
      at: AT,
      log: 'control',
      after: { log: 'old', size: 3, end: 'a'.repeat(64) },
    },
  ],
  version: [
    {
      event: 'version',
      id: 'n.1',
      at: AT,
      change: 'activated',
      version: 'a'.repeat(64),
      catalogue: 'c'.repeat(64),
      by: 'deploy',
      ...operator,
    },
  ],
  approval_asked: [
    {
      event: 'approval_asked',
      id: 'q.1',
      at: AT,
      ...parties,
      approval: 'apr_1',
      digest: 'd'.repeat(64),
      audience: 'https://gateway.example',
      grants,
      expires: 3,
    },
  ],
  approval_decided: [
    {
      event: 'approval_decided',
      id: 'q.2',
      at: AT,
      ...parties,
      approval: 'apr_1',
      digest: 'd'.repeat(64),
      decision: 'approve',
      by: 'bob@example.com',
      ...operator,
    },
  ],
  decision: [
    { event: 'decision', id: 'v7-0.2', n: 2, ...call, allowed: true, outcome },
    {
      event: 'decision',
      id: 'v7-0.3',
      n: 3,
      ...call,
      allowed: false,
      code: 'no_grant',
      detail: { tool: 'mcp/files/read' },
    },
    {
      event: 'decision',
      id: 'v7-0.5',
      n: 5,
      ...call,
      allowed: false,
      observed: true,
      code: 'no_grant',
      mode: 'observe',
      labels: ['private'],
      action: 'write',
      sample: { arguments: { path: 'q3.md' }, source: { address: '192.0.2.7' } },
    },
    // What a stranger sent: no token held, so the record names no one.
    {
      event: 'decision',
      id: 'v7-0.6',
      n: 6,
      at: AT,
      verifier: 'v7-0',
      blocks: [],
      allowed: false,
      code: 'token_missing',
    },
  ],
};

/** With a name that was too long for the record, and members whose key is erased. */
const ODD: readonly AuditRecord[] = [
  {
    ...KINDS.decision[0],
    id: 'v7-0.7',
    agent: { sha256: 'e'.repeat(64), bytes: 5_000 },
    subject: undefined,
  } as unknown as AuditRecord,
  { ...KINDS.mint[0], id: 'mint.2', grants: { sha256: 'e'.repeat(64), bytes: 90_000 } } as never,
];

export const EXPORTED: readonly ExportedRecord[] = [...Object.values(KINDS).flat(), ...ODD].map(
  (record, index) => ({
    log: record.event === 'decision' ? 'decisions-1-2' : 'control',
    index,
    record,
    ...(index % 2 === 0 && { leaf: 'f'.repeat(64) }),
    ...(index % 5 === 0 && { erased: ['subject'] }),
  }),
);

export const SOURCE = { issuer: 'https://issuer.example', version: '0.4.0' } as const;
