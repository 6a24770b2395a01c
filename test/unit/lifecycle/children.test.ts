import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Budgets } from '../../../src/capability/index.ts';
import {
  ancestorsOf,
  carve,
  charge,
  giveBack,
  isTerminal,
  left,
  livingBelow,
  metersOf,
  shareOut,
  spendsOf,
  type Tree,
  type TreeNode,
  tightened,
  tokensEndOf,
} from '../../../src/lifecycle/index.ts';

const NOW = 1_000;

const root = (budgets: Budgets = {}, depth = 8): TreeNode => ({
  life: {
    id: 'root',
    state: 'active',
    gen: 1,
    ends: 9_000,
    idleSeconds: 3_600,
    activeAt: NOW,
    tokensEnd: 1_300,
  },
  depth,
  meters: metersOf(budgets),
});

/** Returns the tree with a new child of `parent`, or the code of the refusal. */
function withChild(tree: Tree, parent: string, id: string, asked: Budgets = {}): Tree | string {
  const carved = carve(tree, parent, { budgets: asked, asked }, NOW);
  if (!carved.ok) return carved.error.code;
  const { ends, depth, meters, parentMeters } = carved.value;
  const child: TreeNode = {
    life: { ...root().life, id, ends, tokensEnd: 1_200 },
    parent,
    depth,
    meters,
  };
  const others = tree.map((one) =>
    one.life.id === parent ? { ...one, meters: parentMeters } : one,
  );
  return [...others, child];
}

const grown = (tree: Tree | string): Tree => {
  if (typeof tree === 'string') throw new Error(tree);
  return tree;
};

describe('a child', () => {
  test('lists its ancestors root first, and never outlives its parent', () => {
    let tree = grown(withChild([root()], 'root', 'a', { wallSeconds: 100 }));
    tree = grown(withChild(tree, 'a', 'b', { wallSeconds: 5_000 }));
    expect(ancestorsOf(tree, 'b')).toEqual(['root', 'a']);
    expect(tree.map(({ life }) => life.ends)).toEqual([9_000, 1_100, 1_100]);
    expect(livingBelow(tree, 'root').map(({ life }) => life.id)).toEqual(['a', 'b']);
    expect(livingBelow(tree, 'b')).toEqual([]);
  });

  test('is refused if its parent is not active', () => {
    for (const state of ['pending', 'suspended', 'completing', 'completed', 'revoked'] as const) {
      const parent = { ...root(), life: { ...root().life, state } };
      expect(withChild([parent], 'root', 'a')).toBe('parent_ended');
    }
    expect(withChild([root()], 'elsewhere', 'a')).toBe('parent_ended');
  });

  test('is refused beyond the delegation depth, which every generation lowers', () => {
    const tree = grown(withChild([root({}, 1)], 'root', 'a', { delegationDepth: 7 }));
    expect(withChild(tree, 'a', 'b')).toBe('delegation_too_deep');
    let line: Tree = [root({}, 100)];
    for (let i = 0; i < 8; i++) line = grown(withChild(line, i ? `c${i - 1}` : 'root', `c${i}`));
    expect(withChild(line, 'c7', 'c8')).toBe('delegation_too_deep');
  });

  test('is refused if its root already has 64 workflows below it', () => {
    let tree: Tree = [root()];
    for (let i = 0; i < 64; i++) tree = grown(withChild(tree, 'root', `c${i}`));
    expect(withChild(tree, 'root', 'c64')).toBe('too_many_children');
  });

  test('gets the requested share of what its parent has left, or half of it by default', () => {
    const tree = grown(withChild([root({ calls: 10 })], 'root', 'a', { calls: 4 }));
    expect(tree.map(({ meters }) => meters.map(left))).toEqual([[6], [4]]);
    expect(withChild(tree, 'root', 'b', { calls: 7 })).toBe('child_exceeds');
    const halved = grown(withChild(tree, 'root', 'b'));
    expect(halved.map(({ meters }) => meters.map(left))).toEqual([[3], [4], [3]]);
  });

  test('gets half of what is left by default, or less if the policy bounds it lower', () => {
    const share = (calls: number) =>
      carve([root({ calls: 10 })], 'root', { budgets: { calls } }, NOW);
    expect(share(1_000)).toMatchObject({ value: { meters: [{ limit: 5, share: 5 }] } });
    expect(share(3)).toMatchObject({ value: { meters: [{ limit: 3, share: 3 }] } });
  });

  test('may have a bound that its parent lacks', () => {
    const tree = grown(withChild([root()], 'root', 'a', { calls: 4 }));
    expect(tree.map(({ meters }) => meters.map(left))).toEqual([[], [4]]);
  });

  test('keeps the entry of its parent in the feed as long as its own token lives', () => {
    const [parent, child] = grown(withChild([root()], 'root', 'a'));
    if (!parent || !child) throw new Error('no child');
    const late = { ...child, life: { ...child.life, tokensEnd: 2_000 } };
    expect(tokensEndOf([parent, late], 'root')).toBe(2_000);
    expect(tokensEndOf([parent, late], 'a')).toBe(2_000);
  });
});

test('spent and remaining budgets add up over any order of carving, spending and ending', () => {
  const step = fc.record({
    kind: fc.constantFrom('carve' as const, 'spend' as const, 'end' as const),
    which: fc.nat(8),
    calls: fc.option(fc.nat(30), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const LIMIT = 100;
      let tree: Tree = [root({ calls: LIMIT })];
      let spent = 0;
      const change = (id: string, next: (member: TreeNode) => TreeNode) => {
        tree = tree.map((one) => (one.life.id === id ? next(one) : one));
      };
      const end = (id: string) => {
        // Children before their parents, as the object does it.
        for (const { life } of [...livingBelow(tree, id)].reverse()) end(life.id);
        const member = tree.find(({ life }) => life.id === id);
        if (!member?.parent || isTerminal(member.life.state)) return;
        const { parent, meters } = member;
        change(parent, (one) => ({ ...one, meters: giveBack(one.meters, meters) }));
        change(id, (one) => ({ ...one, life: { ...one.life, state: 'completed' } }));
      };
      for (const { kind, which, calls } of steps) {
        const member = tree[which];
        if (!member) continue;
        const { id, state } = member.life;
        if (kind === 'carve') {
          const asked = calls === undefined ? {} : { calls };
          const next = withChild(tree, id, `c${tree.length}`, asked);
          if (typeof next !== 'string') tree = next;
        } else if (kind === 'end') {
          end(id);
        } else if (!isTerminal(state)) {
          const spends = spendsOf(member.meters, { tool: 't' });
          const taken = spends.ok ? charge(member.meters, spends.value) : spends;
          if (!taken.ok) continue;
          spent += 1;
          change(id, (one) => ({ ...one, meters: taken.value }));
        }
        const living = tree.filter((one) => !isTerminal(one.life.state));
        const leftOver = living.flatMap(({ meters }) => meters.map(left));
        expect(spent + leftOver.reduce((a, b) => a + b, 0)).toBe(LIMIT);
      }
      end('root');
      for (const { life } of [...livingBelow(tree, 'root')].reverse()) end(life.id);
      expect(tree[0]?.meters[0]).toMatchObject({ used: spent, carved: 0 });
    }),
    { numRuns: 300 },
  );
});

describe('a bound that a parent gets after its children began', () => {
  const SEND: Budgets = { tools: [{ tool: 'send', calls: 8 }] };
  const later = (tree: Tree, id: string, budgets: Budgets): Tree => {
    const changed = tree.map((one) =>
      one.life.id === id ? { ...one, meters: tightened(one.meters, budgets) } : one,
    );
    const shared = shareOut(changed);
    return changed.map((one) => ({ ...one, meters: shared.get(one.life.id) ?? one.meters }));
  };
  const leftOf = (tree: Tree) => tree.map(({ meters }) => meters.map(left));
  const family = grown(withChild(grown(withChild([root()], 'root', 'a')), 'a', 'b'));

  test('is shared with its children, so that the budget is never available twice', () => {
    const shared = later(family, 'root', SEND);
    expect(leftOf(shared)).toEqual([[4], [2], [2]]);
    expect(leftOf(later(shared, 'b', SEND))).toEqual([[4], [2], [2]]);
    const [, parent, child] = shared;
    expect(giveBack(parent?.meters ?? [], child?.meters ?? []).map(left)).toEqual([4]);
  });

  test('replaces a bound of the child, however much the child has used', () => {
    const own = later(family, 'a', SEND);
    expect(leftOf(own)).toEqual([[], [4], [4]]);
    const used = own.map((one) =>
      one.life.id === 'b'
        ? { ...one, meters: one.meters.map((meter) => ({ ...meter, used: 3 })) }
        : one,
    );
    const shared = later(used, 'root', { tools: [{ tool: 'send', calls: 2 }] });
    expect(leftOf(shared)).toEqual([[1], [1], [1]]);
  });

  test('is not shared with a child that has ended', () => {
    const ended = family.map((one) =>
      one.life.id === 'a' || one.life.id === 'b'
        ? { ...one, life: { ...one.life, state: 'completed' as const } }
        : one,
    );
    expect(leftOf(later(ended, 'root', SEND))).toEqual([[8], [], []]);
  });
});
