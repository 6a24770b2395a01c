import { describe, expect, test } from 'vitest';
import {
  idKeyOf,
  isWorkflowId,
  newChildId,
  newWorkflowId,
  originOfId,
  rootOf,
  shardOfWorkflow,
} from '../../../workers/issuer/workflow/id.ts';

const [KEY, OTHER] = ['01', '02'].map((byte) => idKeyOf(`ed25519-private/${byte.repeat(32)}`));
if (!KEY || !OTHER) throw new Error('two keys are needed');
const TAIL = 'A'.repeat(22);
const LONG = 'A'.repeat(32);

test("an id contains its shard, and a child's id does too", () => {
  const ids = Array.from({ length: 200 }, () => newWorkflowId(3, KEY));
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
  expect(newWorkflowId(1, KEY)).toMatch(/^wf_[A-Za-z0-9_-]{32}$/);
});

test('the longest id fits where the feed and the audit log store it', () => {
  expect(`wf65535_${LONG}.${TAIL}`.length).toBeLessThanOrEqual(64);
});

test.each([
  `wf0_${TAIL}`,
  `wf01_${TAIL}`,
  `wf123456_${TAIL}`,
  `wf-1_${TAIL}`,
  `wf1${TAIL}`,
  `wf_${TAIL}x`,
  `wf_${LONG}x`,
  `wf_${TAIL}.${LONG}`,
  `wf_${TAIL}.${TAIL}.${TAIL}`,
  ` wf_${TAIL}`,
])('%s is the id of no workflow', (id) => {
  expect(isWorkflowId(id)).toBe(false);
});

describe('an id shows by itself', () => {
  test('that it was drawn, under any key that is listed, and so does its child', () => {
    const id = newWorkflowId(3, KEY);
    for (const one of [id, newChildId(id)]) {
      expect(originOfId(one, [KEY])).toBe('drawn');
      expect(originOfId(one, [OTHER, KEY])).toBe('drawn');
    }
  });

  test('that it was not, if one bit of it or its shard differs', () => {
    const id = newWorkflowId(1, KEY);
    expect(originOfId(id, [OTHER])).toBe('other');
    expect(originOfId(id.replace('wf_', 'wf1_'), [KEY])).toBe('other');
    for (let i = 3; i < id.length; i++) {
      const changed = `${id.slice(0, i)}${id[i] === 'A' ? 'B' : 'A'}${id.slice(i + 1)}`;
      expect(originOfId(changed, [KEY])).toBe('other');
    }
  });

  test('that a release without check values drew it', () => {
    expect(originOfId(`wf_${TAIL}`, [KEY])).toBe('former');
    expect(originOfId(`wf7_${TAIL}.${TAIL}`, [KEY])).toBe('former');
  });
});
