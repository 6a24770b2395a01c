import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTerminal, STATES, type WorkflowState } from '../../../src/lifecycle/index.ts';
import { type KnownStatus, statusAfter, type WorkflowChange } from '../../../src/signals/index.ts';

const change = (state: WorkflowState, at: number): WorkflowChange => ({
  id: `${state}.${at}`,
  workflow: 'wf_a',
  state,
  at,
  by: 'admin',
});
const after = (changes: readonly WorkflowChange[]): KnownStatus | undefined =>
  changes.reduce<KnownStatus | undefined>(statusAfter, undefined);

const changes = fc.array(
  fc.record({ state: fc.constantFrom(...STATES), at: fc.integer({ min: 0, max: 5 }) }),
  { minLength: 1, maxLength: 8 },
);

test('changes that arrive late, twice or in any order lead to the same status', () => {
  const orders = changes.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }),
    ),
  );
  fc.assert(
    fc.property(orders, ([list, shuffled]) => {
      const inOrder = after(list.map(({ state, at }) => change(state, at)));
      const anyhow = after(shuffled.map(({ state, at }) => change(state, at)));
      expect(anyhow?.status).toBe(inOrder?.status);
    }),
  );
});

test('no change restores an ended workflow', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const hasEnded = list.some(({ state }) => isTerminal(state));
      const status = after(list.map(({ state, at }) => change(state, at)))?.status;
      expect(status === 'invalid').toBe(hasEnded);
    }),
  );
});

test('a suspension ends with a later resumption, and not with an earlier one', () => {
  const [suspended, resumed] = [change('suspended', 1), change('active', 2)];
  expect(after([suspended, resumed])?.status).toBe('valid');
  expect(after([resumed, suspended])?.status).toBe('valid');
  expect(after([suspended])?.status).toBe('suspended');
  expect(after([change('active', 1), suspended])?.status).toBe('suspended');
});
