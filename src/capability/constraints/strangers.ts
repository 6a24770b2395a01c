import { compileRegex, testRegex } from '../../biscuit/index.ts';
import { CONSTRAINT_PROGRAM_MAX } from './limits.ts';

/**
 * Places of a stranger, as each kind of sink would have them. A pattern that takes one of them says
 * nothing about where a call goes, whoever wrote it: `.*`, `https://.*`, `[^@]+@[^@]+`. Names and
 * numbers are reserved (RFC 2606, RFC 5737; no country has +999).
 */
export const STRANGERS = [
  ...['https://zq.example/', 'http://zq.example/a?b=c#d', 'wss://zq.example/a', 'https://zq.com/'],
  ...['//zq.example/a', 'ftp://203.0.113.7/a', 'file:///zq', 'tel:+999000000000'],
  ...['zq@zq.example', 'mailto:zq@zq.example', 'zq.zq@zq.com', 'zq@zq.org'],
  ...['zq.example', 'www.zq.example', 'zq.com', 'zq.net', 'zq.org', 'localhost'],
  ...['zqjxv', 'Zqjxv', 'ZQJXV', 'x', '#zqjxv', '@zqjxv', 'zq-jxv', 'zq_jxv1'],
  ...['zq/jxv', '/zq/jxv', '/zq', './zq', '../zq', 'zq.zq'],
  ...['999999999999', '+999000000000', 'XX00ZQJX0000000000', '203.0.113.7', '2001:db8::1'],
];

/** Fewer say nothing: a letter is the first of a twentieth of all names. */
const EDGE_LENGTH_MIN = 2;
const SCHEME_ALONE = /^[a-z][a-z0-9+.-]*:$/i;

export const startsLikeStranger = (prefix: string): boolean =>
  prefix.length < EDGE_LENGTH_MIN ||
  SCHEME_ALONE.test(prefix) ||
  STRANGERS.some((place) => place.startsWith(prefix));

export const endsLikeStranger = (suffix: string): boolean =>
  suffix.length < EDGE_LENGTH_MIN || STRANGERS.some((place) => place.endsWith(suffix));

const ANCHORS = 2; // Instructions.
const STEPS_MAX = 100_000; // For one place; the longest pattern takes fewer.

/** Also true for what is no pattern, or takes too long to tell. */
export function isStrangersPattern(pattern: string): boolean {
  const regex = compileRegex(`^(?:${pattern})$`, CONSTRAINT_PROGRAM_MAX + ANCHORS);
  if (!regex.ok) return true;
  return STRANGERS.some((place) => testRegex(regex.value, place, STEPS_MAX).matched !== false);
}
