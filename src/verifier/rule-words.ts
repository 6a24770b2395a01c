/**
 * What a rule asks of an argument, in words for the agent that it denied: the rule stands in the
 * token, which that agent holds. Undefined for a rule of another form than our constraints have,
 * and for one whose words do not fit into a header (RFC 6750 section 3) or a line.
 */
export function ruleWords(source: string): string | undefined {
  if (/\barg_members\(/.test(source)) return 'the policy lists no such argument';
  if (LEFT_OUT.test(source)) return 'it must be left out';
  if (source.length > RULE_UNITS_MAX) return undefined;
  const asked = PHRASES.flatMap(([pattern, words]) =>
    [...source.matchAll(pattern)].map(([, value = '']) => words(value)),
  );
  if (asked.length === 0) return undefined;
  const who = source.includes('$p.starts_with(') ? 'each of its elements' : 'it';
  const all = `${who} must ${asked.join(source.includes(' || ') ? ' or ' : ' and ')}`;
  return WORDS.test(all) ? all : undefined;
}

const RULE_UNITS_MAX = 2_048; // What has more has no room in a line.
const WORDS = /^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,240}$/;

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const INTEGER = String.raw`-?\d+`;

type Phrase = readonly [pattern: RegExp, words: (value: string) => string];
const phrase = (pattern: string, words: (value: string) => string): Phrase => [
  new RegExp(pattern, 'g'),
  words,
];

const quoted = (text: string): string => text.replaceAll('"', "'");
const units = (micros: string): string => String(Number(micros) / 1_000_000);
const anyUnits = (list: string): string => list.replace(/-?\d+/g, units);

const LEFT_OUT = new RegExp(String.raw`^reject if arg_type\(${TEXT}, \$y\)$`);
const PHRASES: readonly Phrase[] = [
  phrase(String.raw`\barg\(${TEXT}, (${TEXT}|true|false|null)\)`, (it) => `be ${quoted(it)}`),
  phrase(String.raw`\barg_micros\(${TEXT}, (${INTEGER})\)`, (it) => `be ${units(it)}`),
  phrase(String.raw`\[((?:${TEXT}|[, ])*)\]\.contains\(\$v\)`, (it) => `be one of ${quoted(it)}`),
  phrase(String.raw`\[([-\d, ]*)\]\.contains\(\$m\)`, (it) => `be one of ${anyUnits(it)}`),
  phrase(String.raw`\$v\.starts_with\((${TEXT})\)`, (it) => `start with ${quoted(it)}`),
  phrase(String.raw`\$v\.ends_with\((${TEXT})\)`, (it) => `end with ${quoted(it)}`),
  // Patterns are full of backslashes, which no header may hold: `rule` has them.
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
  phrase(String.raw`\$y !== "null"`, () => 'be there'),
];
