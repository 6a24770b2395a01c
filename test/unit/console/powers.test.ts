import { expect, test } from 'vitest';
import { whyNot } from '../../../src/console/powers.ts';

test('offers what a role allows', () => {
  expect(whyNot({ revoke: true }, 'revoke', 'team:growth')).toBeUndefined();
  expect(whyNot({ revoke: { owners: ['team:growth'] } }, 'revoke', 'team:growth')).toBeUndefined();
  // The tool of an order is only known to the issuer.
  expect(whyNot({ approve: { tools: ['mail'] } }, 'approve', 'team:growth')).toBeUndefined();
});

test('says why a button is disabled', () => {
  expect(whyNot({}, 'revoke', 'team:growth')).toBe('None of your roles lets you revoke it.');
  expect(whyNot({ suspend: { owners: ['team:growth'] } }, 'suspend', 'team:finance')).toBe(
    'You suspend for team:growth. This belongs to team:finance.',
  );
  expect(whyNot({ suspend: { owners: [] } }, 'suspend', undefined)).toBe(
    'You suspend for no owner. This belongs to no owner that is known.',
  );
});
