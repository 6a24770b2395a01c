import { expect, test } from 'vitest';
import { asOfWords } from '../../../src/console/as-of.ts';
import { denialRows, isScope } from '../../../src/console/denied/denial-rows.ts';
import { matchWords } from '../../../src/console/match-words.ts';

const NOW = 1_800_000_000_000;
const seconds = NOW / 1000;

test('lists denials with the newest first, and says when each ends', () => {
  const rows = denialRows(
    [
      { scope: 'tool', value: 'mcp/mail/send', at: seconds - 60, reason: 'it leaks' },
      { scope: 'agent', value: 'a', at: seconds, until: seconds + 3_600 },
    ],
    NOW,
  );
  expect(rows.map(({ denial, end, reason }) => [denial.value, end, reason])).toEqual([
    ['a', 'ends in 1 h', 'Lost in a restore. The trail has it.'],
    ['mcp/mail/send', 'until it is lifted', 'it leaks'],
  ]);
});

test('an address can only choose what can be denied', () => {
  expect(isScope('owner')).toBe(true);
  expect([isScope('all'), isScope('toString'), isScope(null)]).toEqual([false, false, false]);
});

test.each([
  [null, 'What it would stop could not be counted.'],
  [{ living: 0, named_until: null }, /Is it spelled as records have it\?$/],
  [{ living: 0, named_until: '2026-01-01T00:00:00.000Z' }, /may still be out/],
  [{ living: 1, named_until: null }, 'One workflow of it runs now.'],
  [{ living: 3, named_until: null }, '3 workflows of it run now.'],
])('%j has the words %s', (matches, words) => {
  expect(matchWords(matches)).toMatch(words);
});

test('says which state of the issuer an answer describes', () => {
  const at = '2026-11-29T10:00:00.000Z';
  expect(asOfWords({ at, seq: 7 }, NOW, 'UTC')).toBe(
    'As of 10:00:00, with entry 7 of the trust feed.',
  );
  expect(asOfWords({ at }, NOW, 'UTC')).toBe('As of 10:00:00. The trust feed did not answer.');
});
