import { describe, expect, test } from 'vitest';
import {
  EMPTY_TREE,
  type StoredTree,
  type StoredWorkflow,
} from '../../../workers/issuer/workflow/tree.ts';
import { checkChange } from '../../../workers/issuer/workflow/tree-rules.ts';

const workflow = (id: string, change: Partial<StoredWorkflow> = {}): StoredWorkflow => ({
  start: {
    id,
    agent: 'agent',
    subject: 'user',
    owner: 'team',
    task: 'task',
    gen: 1,
    audience: 'https://gateway.example',
    startedAt: 1,
    expires: 300,
    ends: 3_000,
    blocks: [],
    grants: [],
  },
  minted: 1,
  state: 'active',
  ordered: 'active',
  gen: 1,
  depth: 8,
  ends: 3_000,
  idleSeconds: 3_600,
  activeAt: 1,
  tokensEnd: 300,
  meters: [{ key: 'calls', limit: 10, share: 0, used: 0, carved: 0, leased: 0 }],
  ...change,
});
const pending = { state: 'pending', ordered: 'pending' } as const;
const childOf = (parent: string, change: Partial<StoredWorkflow> = {}): StoredWorkflow => {
  const child = workflow(`${parent}.a`, { depth: 7, ...pending, ...change });
  return { ...child, start: { ...child.start, parent } };
};
const tree = (...workflows: StoredWorkflow[]): StoredTree => ({ ...EMPTY_TREE, workflows });

const ROOT = workflow('wf_root');
const [meter] = ROOT.meters;
if (!meter) throw new Error('the scene has a meter');

describe('what the object stores is refused if', () => {
  test.each<[string, StoredTree, StoredTree, string]>([
    ['a step is skipped', tree(ROOT), tree({ ...ROOT, state: 'completed' }), 'no such step'],
    ['a decision goes back', tree(ROOT), tree({ ...ROOT, ordered: 'pending' }), 'no such step'],
    [
      'a state is unknown',
      tree(ROOT),
      tree({ ...ROOT, ordered: 'paused' as 'active' }),
      'no such step',
    ],
    ['a generation goes back', tree(ROOT), tree({ ...ROOT, gen: 0 }), 'never goes back'],
    ['the last end goes back', tree(ROOT), tree({ ...ROOT, tokensEnd: 1 }), 'never goes back'],
    [
      'a fact changes',
      tree(ROOT),
      tree({ ...ROOT, start: { ...ROOT.start, subject: 'another' } }),
      'was begun with stays',
    ],
    ['an end moves', tree(ROOT), tree({ ...ROOT, ends: 3_001 }), 'was begun with stays'],
    ['the depth grows', tree(ROOT), tree({ ...ROOT, depth: 9 }), 'was begun with stays'],
    ['a workflow disappears', tree(ROOT), tree(), 'stays with its root'],
    ['another takes its place', tree(ROOT), tree(workflow('wf_another')), 'was begun with stays'],
    [
      'less than nothing is reserved',
      tree(ROOT),
      tree({ ...ROOT, meters: [{ ...meter, carved: -1 }] }),
      'less than zero',
    ],
    ['it begins as active', tree(), tree(ROOT), 'begins as pending'],
    ['it begins twice', tree(ROOT), tree(ROOT, { ...ROOT, ...pending }), 'begins once'],
    ['a second root begins', tree(ROOT), tree(ROOT, workflow('wf_x', pending)), 'has one root'],
    ['a child has no root', tree(), tree(childOf('wf_root')), 'has one root'],
    [
      'a child outlives its parent',
      tree(ROOT),
      tree(ROOT, childOf('wf_root', { ends: 3_001 })),
      'below a living parent',
    ],
    [
      'a child is below a stopped parent',
      tree({ ...ROOT, ordered: 'suspended' }),
      tree({ ...ROOT, ordered: 'suspended' }, childOf('wf_root')),
      'below a living parent',
    ],
    [
      'a child may have as many levels as its parent',
      tree(ROOT),
      tree(ROOT, childOf('wf_root', { depth: 8 })),
      'below a living parent',
    ],
    [
      'a label is taken back',
      { ...tree(ROOT), labels: [{ label: 'private', at: 1, workflow: 'wf_root', tool: 't' }] },
      tree(ROOT),
      'what was read stays read',
    ],
    ['fewer records were counted', { ...tree(ROOT), counted: 2 }, tree(ROOT), 'never goes back'],
  ])('%s', (_, before, after, why) => {
    expect(() => checkChange(before, after)).toThrow(why);
  });

  test.each(['completed', 'failed', 'revoked', 'expired'] as const)(
    'a workflow that is %s comes back',
    (state) => {
      const ended = { ...ROOT, state, ordered: state };
      for (const back of ['active', 'revoked', 'failed'] as const) {
        if (back === state) continue;
        const why = 'stays ended';
        expect(() => checkChange(tree(ended), tree({ ...ended, state: back }))).toThrow(why);
        expect(() => checkChange(tree(ended), tree({ ...ended, ordered: back }))).toThrow(why);
      }
    },
  );
});

test('every step of the state machine is stored, and so is the begin of a child', () => {
  const begun = tree({ ...ROOT, ...pending });
  checkChange(EMPTY_TREE, begun);
  checkChange(begun, tree(ROOT));
  checkChange(tree(ROOT), tree(ROOT, childOf('wf_root')));
  checkChange(tree(ROOT), tree({ ...ROOT, ordered: 'suspended', gen: 1 }));
  checkChange(tree({ ...ROOT, ordered: 'suspended' }), tree({ ...ROOT, gen: 2 }));
});
