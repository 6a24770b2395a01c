import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import type { ConstraintKind } from '../capability/index.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { originWords } from './origin-words.ts';

/** What one argument of a call may be, in words. */
export interface ArgumentWords {
  /** RFC 6901 pointer as it was given; empty for the arguments as a whole. */
  readonly pointer: string;
  readonly words: string;
}

/**
 * Returns what the arguments of a grant may be, in words for a person: first which there may be,
 * then each that has a limit. Hidden characters of the words are written as their code points.
 *
 * Whatever has a form that this release does not know is shown as it is and marked, because a
 * person who answers for it must not overlook it.
 */
export function argumentWords(constraints: unknown): readonly ArgumentWords[] {
  if (constraints === undefined) {
    return [{ pointer: '', words: 'any that the catalogue lists' }];
  }
  const { arguments: names, constraints: limits, ...rest } = asObject(constraints) ?? {};
  if (!Array.isArray(names) || !isJsonObject(limits) || Object.keys(rest).length > 0) {
    return [{ pointer: '', words: raw(constraints) }];
  }
  const listed = names.length === 0 ? 'none' : names.map(textOf).join(', ');
  return [
    { pointer: '', words: listed },
    ...Object.entries(limits).map(([pointer, limit]) => ({
      pointer,
      words: constraintWords(limit),
    })),
  ];
}

/** Returns `argumentWords` as lines, which are safe to print. */
export const limitWords = (constraints: unknown): readonly string[] =>
  argumentWords(constraints).map(
    ({ pointer, words }) => `${pointer === '' ? 'arguments' : escapeHidden(pointer)}: ${words}`,
  );

/** Returns what a constraint allows, in words for a person. An unknown form is shown as it is. */
export const constraintWords = (constraint: unknown): string =>
  knownWords(constraint) ?? raw(constraint);

function knownWords(constraint: unknown): string | undefined {
  const [[kind, value] = [], ...others] = Object.entries(asObject(constraint) ?? {});
  if (kind === undefined || others.length > 0 || !Object.hasOwn(WORDS, kind)) return undefined;
  return WORDS[kind as keyof typeof WORDS](value as Json);
}

/** The words of each kind. A value of another form has none. A kind without words is no program. */
const WORDS: Readonly<Record<ConstraintKind, (value: Json) => string | undefined>> = {
  exact: (value) => `exactly ${json(value)}`,
  oneOf: (values) => listed(values, (all) => `one of ${all}`),
  prefix: (text) => quoted(text, 'a text that starts with'),
  suffix: (text) => quoted(text, 'a text that ends with'),
  glob: (text) => quoted(text, 'a path that matches'),
  pathBelow: (path) => (typeof path === 'string' ? `${json(path)} or a path below it` : undefined),
  url: urlWords,
  cidr: (ranges) => {
    const all = Array.isArray(ranges) ? ranges : [ranges];
    return all.every(isText) ? `an IP address in ${all.map(json).join(' or ')}` : undefined;
  },
  number: (range) => rangeWords(range, 'a number'),
  integer: (range) => rangeWords(range, 'a whole number'),
  length: (range) => rangeWords(range, 'a text with a number of characters'),
  matches: (text) => quoted(text, 'a text that matches as a whole'),
  not: (inner) => within(inner, (words) => `a value of that form that is not: ${words}`),
  anyOf: (all) => joined(all, ', or '),
  publicHost: (value) => (value === true ? 'the address or name of a public host' : undefined),
  empty: (value) => (value === true ? 'nothing: left out, null or empty' : undefined),
  subsetOf: (values) => listed(values, (all) => `a list of nothing but ${all}`),
  every: (inner) => within(inner, (words) => `a list, each element of it: ${words}`),
  any: (inner) => within(inner, (words) => `a list, at least one element of it: ${words}`),
  each: (members) => eachWords(members, 'nothing but '),
  eachHas: (members) => eachWords(members, ''),
  orEmpty: (inner) => within(inner, (words) => `left out, null or empty, or ${words}`),
  count: (range) => rangeWords(range, 'a list with a number of elements'),
  allOf: (all) => joined(all, ', and '),
  present: (value) => (value === true ? 'any value but null' : undefined),
  absent: (value) => (value === true ? 'left out' : undefined),
  optional: (inner) => within(inner, (words) => `left out, or ${words}`),
  from: (sources) => {
    const all = Array.isArray(sources) ? sources.map(originWords) : [];
    return all.length > 0 && all.every((one) => one !== undefined)
      ? `a value that ${all.join(', or that ')}`
      : undefined;
  },
};

const json = (value: Json): string => escapeHidden(JSON.stringify(value));

const textOf = (value: Json): string =>
  typeof value === 'string' ? escapeHidden(value) : json(value);

const raw = (value: unknown): string =>
  `in a form that this release has no words for: ${json((value ?? null) as Json)}`;

const asObject = (value: unknown): JsonObject | undefined =>
  isJsonObject(value) ? value : undefined;

const isText = (value: Json): value is string => typeof value === 'string';

const quoted = (value: Json, before: string): string | undefined =>
  isText(value) ? `${before} ${json(value)}` : undefined;

const listed = (values: Json, words: (all: string) => string): string | undefined =>
  Array.isArray(values) ? words(values.map(json).join(', ')) : undefined;

/** What stands inside another constraint. Parentheses show where several of them end. */
function insideWords(inner: Json): string | undefined {
  const words = knownWords(inner);
  const isSeveral = isJsonObject(inner) && ('allOf' in inner || 'anyOf' in inner);
  return isSeveral && words !== undefined ? `(${words})` : words;
}

function within(inner: Json, words: (inside: string) => string): string | undefined {
  const inside = insideWords(inner);
  return inside === undefined ? undefined : words(inside);
}

function joined(all: Json, by: string): string | undefined {
  const words = Array.isArray(all) ? all.map(insideWords) : [undefined];
  return words.every((one) => one !== undefined) ? words.join(by) : undefined;
}

const isOnly = (value: JsonObject, members: readonly string[]): boolean =>
  Object.keys(value).every((name) => members.includes(name));

function rangeWords(range: Json, what: string): string | undefined {
  if (!isJsonObject(range) || !isOnly(range, ['min', 'max'])) return undefined;
  const { min, max } = range;
  const ends = [
    min !== undefined && `at least ${json(min)}`,
    max !== undefined && `at most ${json(max)}`,
  ].filter((end) => end !== false);
  return ends.length === 0 ? `${what}, of any size` : `${what}: ${ends.join(' and ')}`;
}

const URL_MEMBERS = ['schemes', 'host', 'hostSuffix', 'public', 'port', 'pathBelow', 'query'];

function urlWords(url: Json): string | undefined {
  if (!isJsonObject(url) || !isOnly(url, URL_MEMBERS) || !Array.isArray(url.schemes)) {
    return undefined;
  }
  const { schemes, host, hostSuffix, port, pathBelow, query } = url;
  const where =
    host !== undefined
      ? `at the host ${json(host)}`
      : hostSuffix !== undefined
        ? `at the host ${json(hostSuffix)} or one below it`
        : 'at any public host';
  return [
    `a URL with ${schemes.map(textOf).join(' or ')} ${where}`,
    port !== undefined && `on port ${json(port)}`,
    pathBelow !== undefined && `with the path ${json(pathBelow)} or one below it`,
    query !== undefined && queryWords(query),
  ]
    .filter((part) => part !== false)
    .join(', ');
}

function queryWords(query: Json): string {
  const parameters = Object.entries(asObject(query) ?? {});
  if (parameters.length === 0) return 'without a query';
  const words = parameters.map(([name, values]) =>
    values === true ? `${textOf(name)} (any value)` : `${textOf(name)} (${json(values as Json)})`,
  );
  return `with no parameter but ${words.join(', ')}`;
}

function eachWords(members: Json, only: string): string | undefined {
  if (!isJsonObject(members)) return undefined;
  const words = Object.entries(members).map(
    ([name, inner]) => [textOf(name), knownWords(inner)] as const,
  );
  return words.every(([, inner]) => inner !== undefined)
    ? `a list of objects with ${only}${words.map(([name, inner]) => `${name} (${inner})`).join(', ')}`
    : undefined;
}
