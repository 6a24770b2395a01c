import { expect, test } from 'vitest';
import { endedWords, peopleOf } from '../../../src/console/operators/people.ts';

const session = (name: string, more: object = {}) => ({
  name,
  source: 'console' as const,
  roles: ['viewer'],
  begun: 1_800_000_000,
  ends_at: 1_800_028_800,
  ...more,
});

test('lists each person once, with every session, and the person of the page first', () => {
  const people = peopleOf(
    [
      session('corp#ann', { source: 'cli' }),
      session('corp#you', { own: true }),
      session('corp#ann', { roles: ['viewer', 'responder'] }),
      session('corp#you', { source: 'cli' }),
    ],
    'corp#you',
  );
  expect(people.map(({ name, isYou, roles }) => [name, isYou, roles])).toEqual([
    ['corp#you', true, ['viewer']],
    ['corp#ann', false, ['viewer', 'responder']],
  ]);
  expect(people[0]?.sessions.map(({ where, isOwn }) => [where, isOwn])).toEqual([
    ['Console', true],
    ['Command line', false],
  ]);
});

test('marks no session as the one of the page unless the issuer says so', () => {
  const [person] = peopleOf([session('corp#you')], 'corp#you');
  expect(person?.sessions[0]?.isOwn).toBe(false);
});

test('says what an order has ended', () => {
  expect(endedWords(1, 0)).toBe('1 session ended, 0 operator capabilities stopped');
  expect(endedWords(2, 1)).toBe('2 sessions ended, 1 operator capability stopped');
});
