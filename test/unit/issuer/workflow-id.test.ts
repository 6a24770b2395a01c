import { expect, test } from 'vitest';
import {
  isWorkflowId,
  newChildId,
  newWorkflowId,
  rootOf,
  shardOfWorkflow,
} from '../../../workers/issuer/workflow/id.ts';

const TAIL = 'A'.repeat(22);

test("an id contains its shard, and a child's id does too", () => {
  const ids = Array.from({ length: 200 }, () => newWorkflowId(3));
  expect(new Set(ids).size).toBe(200);
  expect(new Set(ids.map(shardOfWorkflow))).toEqual(new Set([0, 1, 2]));
  for (const id of ids) {
    const child = newChildId(id);
    expect([isWorkflowId(id), isWorkflowId(child)]).toEqual([true, true]);
    expect([rootOf(child), rootOf(newChildId(child))]).toEqual([id, id]);
    expect(shardOfWorkflow(child)).toBe(shardOfWorkflow(id));
  }
});

test('an id in a deployment with one shard has no shard number', () => {
  expect(newWorkflowId(1)).toMatch(/^wf_[A-Za-z0-9_-]{22}$/);
});

test.each([
  `wf0_${TAIL}`,
  `wf01_${TAIL}`,
  `wf123456_${TAIL}`,
  `wf-1_${TAIL}`,
  `wf1${TAIL}`,
  `wf_${TAIL}x`,
  `wf_${TAIL}.${TAIL}.${TAIL}`,
  ` wf_${TAIL}`,
])('%s is the id of no workflow', (id) => {
  expect(isWorkflowId(id)).toBe(false);
});
