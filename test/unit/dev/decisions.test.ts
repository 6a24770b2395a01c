import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { lineOfRecord } from '../../../src/dev/index.ts';

const AT = new Date(2026, 10, 28, 17, 30, 5).getTime();
const PARTIES = { agent: 'http://127.0.0.1:9400/login#assistant', subject: 'http://x/login#alice' };

const decision = (members: object): AuditRecord =>
  ({
    event: 'decision',
    id: 'g.1',
    at: AT,
    verifier: 'g',
    n: 1,
    blocks: [],
    allowed: true,
    ...PARTIES,
    ...members,
  }) as AuditRecord;

test('an allowed call is one line with time, tool, dataset and who', () => {
  const record = decision({ tool: 'mcp/notes/read_note', datasets: ['notes/team/a.md'] });
  expect(lineOfRecord(record)).toBe(
    '17:30:05 allowed   mcp/notes/read_note notes/team/a.md  assistant for alice',
  );
});

test('a denied call ends with its code and its reason', () => {
  const record = decision({ tool: 'mcp/notes/read_note', allowed: false, code: 'no_grant' });
  expect(lineOfRecord(record)).toBe(
    '17:30:05 denied    mcp/notes/read_note  assistant for alice: no_grant: No grant covers this call.',
  );
});

test('a call that a route only observes is not shown as allowed or denied', () => {
  const record = decision({ tool: 'mcp/notes/read_note', observed: true, code: 'no_grant' });
  expect(lineOfRecord(record)).toBe(
    '17:30:05 observed  mcp/notes/read_note  assistant for alice: no_grant: No grant covers this call.',
  );
});

test('a capability with a part of what was requested says which grants are missing and why', () => {
  const grant = { tool: 'mcp/notes/read_note', action: 'read', dataset: 'notes/team' };
  const record = {
    event: 'mint',
    id: 'm',
    at: AT,
    ...PARTIES,
    grants: [grant],
    refused: [{ ...grant, tool: 'mcp/notes/write_note', code: 'sink_open' }],
  } as unknown as AuditRecord;
  expect(lineOfRecord(record)).toBe(
    '17:30:05 minted    1 grant, 1 refused  assistant for alice: mcp/notes/write_note: sink_open',
  );
});

test('a refused token request names the tools and the code', () => {
  const record = {
    event: 'refusal',
    id: 'r',
    at: AT,
    error: 'invalid_scope',
    code: 'no_rule',
    agent: PARTIES.agent,
    grants: [{ tool: 'mcp/notes/read_note', action: 'read', dataset: 'notes/private' }],
  } as AuditRecord;
  expect(lineOfRecord(record)).toBe('17:30:05 refused   mcp/notes/read_note  assistant: no_rule');
});

test('records that the developer did not cause have no line', () => {
  const record = { event: 'gap', id: 'g', at: AT, verifier: 'g', after: 1, before: 3 };
  expect(lineOfRecord(record as unknown as AuditRecord)).toBeUndefined();
});

test('a rule that fired says what it did', () => {
  const fired = { event: 'deviation', id: 'd', at: AT, rule: 'used-after-end', ...PARTIES };
  const lineOf = (effect: string) => lineOfRecord({ ...fired, effect } as unknown as AuditRecord);
  expect(lineOf('absorbed')).toBe(
    '17:30:05 noticed   the rule used-after-end: the workflow was stopped already  assistant for alice',
  );
  expect(lineOf('acted')).toContain('it stops the workflow');
});
