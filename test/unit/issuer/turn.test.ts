import { expect, test } from 'vitest';
import { Turn } from '../../../workers/issuer/platform/turn.ts';

test('a turn ends with the next await, and not before', async () => {
  const turn = new Turn();
  expect(turn.isOpen).toBe(false);
  turn.begin();
  turn.begin();
  expect(turn.isOpen).toBe(true);
  await null;
  expect(turn.isOpen).toBe(false);
  turn.begin();
  expect(turn.isOpen).toBe(true);
});

test('a turn ends early after a failed transaction', () => {
  const turn = new Turn();
  turn.begin();
  turn.end();
  expect(turn.isOpen).toBe(false);
});
