import { expect, test } from 'vitest';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import { grantRows } from '../../../src/console/workflow/grant-rows.ts';

const call = (more: Partial<DecisionRecord>): DecisionRecord => ({
  event: 'decision',
  id: 'gw.1',
  at: 0,
  verifier: 'gw',
  n: 1,
  blocks: [],
  allowed: true,
  tool: 'mcp/files/read',
  action: 'read',
  datasets: ['files/reports/q1.md'],
  ...more,
});

test('describes what each grant limits, and how often it was used', () => {
  const grants = [
    { tool: 'mcp/files/read', action: 'read', dataset: 'files/reports' },
    {
      tool: 'mcp/mail/send',
      action: 'write',
      dataset: 'mail',
      constraints: { arguments: ['to'], constraints: { '/to': { exact: 'a@acme.example' } } },
    },
  ];
  const records = [
    call({}),
    call({ datasets: ['files/reports'] }),
    call({ datasets: ['files/reports-old/x'] }),
    call({ allowed: false }),
    call({ action: 'write' }),
  ];
  expect(grantRows(grants, records)).toEqual([
    {
      key: '0',
      what: 'read files/reports',
      tool: 'mcp/files/read',
      limits: ['arguments: any that the catalogue lists'],
      uses: 2,
      lastUse: undefined,
    },
    {
      key: '1',
      what: 'write mail',
      tool: 'mcp/mail/send',
      limits: ['arguments: to', '/to: exactly "a@acme.example"'],
      uses: 0,
      lastUse: undefined,
    },
  ]);
});

test('takes what the index of the issuer knows before what the page has read', () => {
  const grant = { tool: 'mcp/files/read', action: 'read', dataset: 'files/reports' };
  const known = [{ ...grant, used: 7, last_use: 5_000 }];
  expect(grantRows(known, [call({})])).toMatchObject([{ uses: 7, lastUse: 5_000 }]);
  expect(grantRows([{ ...grant, used: 0 }], [])).toMatchObject([{ uses: 0 }]);
});
