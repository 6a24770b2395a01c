import { expect, test } from 'vitest';
import { isMarkScope, MARK_TIMES, markRows } from '../../../src/console/watermarks/marks.ts';

const NOW = 1_800_000_000_000;
const seconds = NOW / 1000;

test('lists watermarks with the newest first, and says when each ends', () => {
  const rows = markRows(
    [
      { scope: 'tool', value: 'mcp/mail/send', before: seconds - 600 },
      { scope: 'all', value: '', before: seconds - 60, expires: seconds + 3_600 },
    ],
    NOW,
  );
  expect(rows.map(({ name, word, end }) => [name, word, end])).toEqual([
    ['everything', 'Everything', 'ends in 1 h'],
    ['mcp/mail/send', 'Tool', 'when no token is left that it stops'],
  ]);
});

test('the usual moment is the one at which the issuer takes the order', () => {
  expect(MARK_TIMES[0].secondsAgo).toBeUndefined();
});

test('an address can only choose what a watermark can stop', () => {
  expect([isMarkScope('all'), isMarkScope('toString'), isMarkScope(null)]).toEqual([
    true,
    false,
    false,
  ]);
});
