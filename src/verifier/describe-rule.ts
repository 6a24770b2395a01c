/**
 * Says in plain words what a rule requires of an argument, for the agent that the rule denied. The
 * agent holds the token, so it can read the rule anyway.
 *
 * Undefined for a rule in a form that our constraints do not have, and for a description that does
 * not fit into a header (RFC 6750 section 3) or into one line.
 */
export function describeRule(source: string): string | undefined {
  if (/\barg_members\(/.test(source)) return 'the policy lists no such argument';
  if (MUST_BE_ABSENT.test(source)) return 'it must be left out';
  if (source.length > RULE_UNITS_MAX) return undefined;
  const requirements = PHRASES.flatMap(([pattern, describe]) =>
    [...source.matchAll(pattern)].map(([, value = '']) => describe(value)),
  );
  if (requirements.length === 0) return undefined;
  const subject = source.includes('$p.starts_with(') ? 'each of its elements' : 'it';
  const joined = requirements.join(source.includes(' || ') ? ' or ' : ' and ');
  const description = `${subject} must ${joined}`;
  return QUOTABLE_LINE.test(description) ? description : undefined;
}

const RULE_UNITS_MAX = 2_048; // The description of a longer rule would not fit into one line.
const QUOTABLE_LINE = /^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,240}$/;

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const INTEGER = String.raw`-?\d+`;

type Phrase = readonly [pattern: RegExp, describe: (value: string) => string];
const phrase = (pattern: string, describe: (value: string) => string): Phrase => [
  new RegExp(pattern, 'g'),
  describe,
];

const quoted = (text: string): string => text.replaceAll('"', "'");
const units = (micros: string): string => String(Number(micros) / 1_000_000);
const anyUnits = (list: string): string => list.replace(/-?\d+/g, units);

const MUST_BE_ABSENT = new RegExp(String.raw`^reject if arg_type\(${TEXT}, \$y\)$`);
const PHRASES: readonly Phrase[] = [
  phrase(String.raw`\barg\(${TEXT}, (${TEXT}|true|false|null)\)`, (it) => `be ${quoted(it)}`),
  phrase(String.raw`\barg_micros\(${TEXT}, (${INTEGER})\)`, (it) => `be ${units(it)}`),
  phrase(String.raw`\[((?:${TEXT}|[, ])*)\]\.contains\(\$v\)`, (it) => `be one of ${quoted(it)}`),
  phrase(String.raw`\[([-\d, ]*)\]\.contains\(\$m\)`, (it) => `be one of ${anyUnits(it)}`),
  phrase(String.raw`\$v\.starts_with\((${TEXT})\)`, (it) => `start with ${quoted(it)}`),
  phrase(String.raw`\$v\.ends_with\((${TEXT})\)`, (it) => `end with ${quoted(it)}`),
  phrase(String.raw`\$r\.contains\((${TEXT})\)`, (it) => `come from ${quoted(it)}`),
  phrase(
    String.raw`\$r\.intersection\(\{((?:${TEXT}|[, ])*)\}\)`,
    (it) => `come from one of ${quoted(it)}`,
  ),
  // A pattern has backslashes, which a header cannot quote; the answer has it in `rule`.
  phrase(String.raw`\$v\.matches\((${TEXT})\)`, () => 'match a pattern of the policy'),
  phrase(String.raw`\$m >= (${INTEGER})`, (it) => `be at least ${units(it)}`),
  phrase(String.raw`\$m <= (${INTEGER})`, (it) => `be at most ${units(it)}`),
  phrase(String.raw`\$l >= (${INTEGER})`, (it) => `have at least ${it} characters`),
  phrase(String.raw`\$l <= (${INTEGER})`, (it) => `have at most ${it} characters`),
  phrase(String.raw`\$c >= (${INTEGER})`, (it) => `have at least ${it} elements`),
  phrase(String.raw`\$c <= (${INTEGER})`, (it) => `have at most ${it} elements`),
  phrase(String.raw`\$h == (${TEXT})`, (it) => `have the host ${quoted(it)}`),
  phrase(
    String.raw`\$h\.ends_with\((${TEXT})\)`,
    (it) => `have a host that ends with ${quoted(it)}`,
  ),
  phrase(String.raw`\barg_type\(${TEXT}, "(array)"\)`, () => 'be a list'),
  phrase(String.raw`\$y !== "(string|boolean|integer)"`, (it) => `be a ${it}`),
  phrase(String.raw`\$y !== "null"`, () => 'be present'),
];
