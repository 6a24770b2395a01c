import { describe, expect, test } from 'vitest';
import {
  clockMinute,
  clockTime,
  isoTime,
  moment,
  readIso,
  span,
  spanSince,
  zoneName,
} from '../../../src/console/time.ts';

const AT = Date.parse('2026-11-28T09:42:07.830Z');

describe('times of the console', () => {
  test('shows a time in the zone of the person', () => {
    expect(clockTime(AT, 'UTC')).toBe('09:42:07');
    expect(clockTime(AT, 'Europe/Berlin')).toBe('10:42:07');
    expect(clockMinute(AT, 'Asia/Kolkata')).toBe('15:12');
    expect(clockTime(Date.parse('2026-11-28T00:00:07Z'), 'UTC')).toBe('00:00:07');
    expect(zoneName(AT, 'UTC')).toBe('UTC');
    expect(zoneName(AT, 'Europe/Berlin')).toBe('CET');
  });

  test('adds the day if it is another day for the person', () => {
    const later = Date.parse('2026-11-28T23:30:00Z');
    expect(moment(AT, later, 'UTC')).toBe('09:42:07');
    // In Berlin it is half past midnight by then.
    expect(moment(AT, later, 'Europe/Berlin')).toBe('28 Nov, 10:42:07');
    expect(moment(AT, Date.parse('2027-01-02T00:00:00Z'), 'UTC')).toBe('28 Nov 2026, 09:42:07');
  });

  test('writes ISO 8601 in UTC for programs', () => {
    expect(isoTime(AT)).toBe('2026-11-28T09:42:07Z');
  });

  test('reads the times of the admin API, and nothing else', () => {
    expect(readIso('2026-11-28T09:42:07Z')).toBe(Date.parse('2026-11-28T09:42:07Z'));
    expect(readIso(null)).toBeUndefined();
    expect(readIso(undefined)).toBeUndefined();
    expect(readIso('soon')).toBeUndefined();
  });

  test.each([
    [-5_000, '0 s', '0 s'],
    [400, '0 s', '0 s'],
    [12_000, '12 s', '12 s'],
    [59_700, '1 min', '1 min'],
    [74_000, '1 min 14 s', '1 min'],
    [900_000, '15 min', '15 min'],
    [3_900_000, '1 h 5 min', '1 h'],
    [30_240_000, '8 h 24 min', '8 h'],
    [172_800_000, '2 days', '2 days'],
    [180_000_000, '2 days 2 h', '2 days'],
  ])('writes %d ms as %s, and in a list as %s', (milliseconds, exact, coarse) => {
    expect(span(milliseconds)).toBe(exact);
    expect(span(milliseconds, 'coarse')).toBe(coarse);
  });

  test('measures a span from the seconds that the admin API has', () => {
    expect(spanSince(AT / 1000 - 74, AT)).toBe('1 min 14 s');
  });
});
