import { expect, test } from 'vitest';
import { topicOf } from '../../../src/activity/index.ts';
import type { OperatorRecord } from '../../../src/audit/index.ts';

const record: OperatorRecord = {
  event: 'operator',
  id: 'operator.1',
  at: 0,
  change: 'proposed',
  actor: 'corp#olivia@acme.example',
  source: 'console',
};

test('updates the page of approvals when an order begins or stops to wait for a second person', () => {
  for (const change of ['proposed', 'confirmed', 'withdrawn'] as const) {
    expect(topicOf({ ...record, change, proposal: 'prp_1' })).toBe('approvals');
  }
});

test('updates no page when an operator signs in', () => {
  expect(topicOf({ ...record, change: 'signed_in' })).toBeUndefined();
});
