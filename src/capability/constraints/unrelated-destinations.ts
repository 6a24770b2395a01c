import { compileRegex, testRegex } from '../../biscuit/index.ts';
import { CONSTRAINT_PROGRAM_MAX } from './limits.ts';

/**
 * Destinations that no policy means, in the form of each kind of sink. A pattern that matches one
 * of them does not limit where a call goes, even in a policy: `.*`, `https://.*`, `[^@]+@[^@]+`.
 * The names and numbers are reserved (RFC 2606, RFC 5737; no country has the code +999).
 */
export const UNRELATED_DESTINATIONS = [
  ...['https://zq.example/', 'http://zq.example/a?b=c#d', 'wss://zq.example/a', 'https://zq.com/'],
  ...['//zq.example/a', 'ftp://203.0.113.7/a', 'file:///zq', 'tel:+999000000000'],
  ...['zq@zq.example', 'mailto:zq@zq.example', 'zq.zq@zq.com', 'zq@zq.org'],
  ...['zq.example', 'www.zq.example', 'zq.com', 'zq.net', 'zq.org', 'localhost'],
  ...['zqjxv', 'Zqjxv', 'ZQJXV', 'x', '#zqjxv', '@zqjxv', 'zq-jxv', 'zq_jxv1'],
  ...['zq/jxv', '/zq/jxv', '/zq', './zq', '../zq', 'zq.zq'],
  ...['999999999999', '+999000000000', 'XX00ZQJX0000000000', '203.0.113.7', '2001:db8::1'],
];

/** Fewer characters limit nothing: one letter starts a twentieth of all names. */
const AFFIX_LENGTH_MIN = 2;
const SCHEME_ALONE = /^[a-z][a-z0-9+.-]*:$/i;

export const prefixMatchesUnrelated = (prefix: string): boolean =>
  prefix.length < AFFIX_LENGTH_MIN ||
  SCHEME_ALONE.test(prefix) ||
  UNRELATED_DESTINATIONS.some((destination) => destination.startsWith(prefix));

export const suffixMatchesUnrelated = (suffix: string): boolean =>
  suffix.length < AFFIX_LENGTH_MIN ||
  UNRELATED_DESTINATIONS.some((destination) => destination.endsWith(suffix));

const ANCHORS = 2; // Instructions.
const STEPS_MAX = 100_000; // For one destination; the longest pattern takes fewer.

/** Also true for a text that is not a pattern, or that takes too long to match. */
export function patternMatchesUnrelated(pattern: string): boolean {
  const regex = compileRegex(`^(?:${pattern})$`, CONSTRAINT_PROGRAM_MAX + ANCHORS);
  if (!regex.ok) return true;
  return UNRELATED_DESTINATIONS.some(
    (destination) => testRegex(regex.value, destination, STEPS_MAX).matched !== false,
  );
}
