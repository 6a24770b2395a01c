import { expect, test } from 'vitest';
import { readSession } from '../../../src/console/frame/read-session.ts';
import { waitingOf, waitsWords } from '../../../src/console/frame/waits.ts';

test('reads an answer 202 as an order that waits for a second person', () => {
  const waits = waitingOf({ proposal: { id: 'prp_1', expires: 1_800_000_000, by: 'a' } });
  expect(waits).toEqual({ kind: 'waits', id: 'prp_1', endsAt: 1_800_000_000_000 });
  expect(waits && waitsWords(waits, 'UTC')).toBe(
    'Nothing changed yet: another person has to confirm it by 08:00.',
  );
});

test.each([undefined, null, {}, { proposal: null }, { proposal: { id: 'prp_1' } }])(
  'does not read %j as an order that waits',
  (answer) => expect(waitingOf(answer)).toBeUndefined(),
);

test('shows how much waits for a person as the session route counts it', () => {
  const session = { name: 'a', kind: 'session', roles: [], may: {}, two_people: [], waiting: 3 };
  expect(readSession(session)).toMatchObject({ waiting: 3, twoPeople: [], canSignOut: true });
});
