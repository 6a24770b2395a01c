import {
  boundsSink,
  type Constraint,
  type ConstraintAuthor,
  type ConstraintKind,
} from '../../src/capability/index.ts';
import { markdownTable } from './table.ts';

/** The row of one kind in docs/reference/constraints.md. */
interface Row {
  readonly example: Constraint;
  /** Other forms of the constraint, and limits on it. */
  readonly forms?: string;
  readonly enforces: string;
  readonly denies: string;
  /** What the bound of a sink depends on, besides its author. */
  readonly bounds?: string;
}

/** A kind without a row does not compile. */
const ROWS: Readonly<Record<ConstraintKind, Row>> = {
  exact: {
    example: { exact: 'GB1' },
    forms: 'a string, number, boolean or null',
    enforces: 'this value, of this type',
    denies: 'another case, Unicode form or type; an additional space',
  },
  oneOf: {
    example: { oneOf: ['GB1', 'GB2'] },
    forms: '1 to 64 strings, or 1 to 64 numbers',
    enforces: 'one of these values',
    denies: 'the same as for `exact`',
  },
  prefix: {
    example: { prefix: 'GB' },
    forms:
      'without a slash or backslash: for paths and URLs there are `pathBelow`, `glob` and `url`',
    enforces: 'a plain text (see below) that starts with this',
    denies: 'text that is not plain',
    bounds: 'only if it starts no [unrelated destination](#sinks)',
  },
  suffix: {
    example: { suffix: '@acme.example' },
    forms: 'as for `prefix`',
    enforces:
      'a plain text that ends with this. It allows `evil@evil.example,a@acme.example`, which has two addresses; use `matches` to allow only one',
    denies: 'text that is not plain',
    bounds: 'only if it ends no unrelated destination',
  },
  glob: {
    example: { glob: 'reports/**/*.md' },
    forms: 'up to 256 bytes',
    enforces:
      'a path (see below), by segments. `*` matches any run of characters inside a segment, including an empty one; a segment that is only `*` has at least one character. `**` must be a whole segment and matches any number of segments, including none',
    denies:
      'text that is not a path; an absolute path if the glob is relative, and a relative path if it is absolute',
    bounds: 'only if it has a letter or digit, and matches no unrelated destination',
  },
  pathBelow: {
    example: { pathBelow: 'reports' },
    forms: '`"/"` allows every absolute path',
    enforces: 'this path, or one below it by whole segments',
    denies:
      '`reports-archive`, `reports/../secrets`, `reports//x`, `reports/`, `./reports`, `reports/%2e%2e`, backslashes',
    bounds: 'except `"/"`',
  },
  url: {
    example: {
      url: { schemes: ['https'], hostSuffix: 'acme.example', port: 8443, pathBelow: '/v1' },
    },
    forms:
      'one of `host`, `hostSuffix` and `"public": true`; `port`, `pathBelow` and `query` are optional',
    enforces:
      'the scheme; the host, or a host below the suffix by whole labels; the port, by default those of the schemes; the path as it is sent; with `query`, the [parameters](#queries)',
    denies:
      'user info; `evilacme.example`; `https://good.example?@evil.example`; an octal, short or encoded host; Unicode in the host or path; another port; with `public`, an address or a name of a local network',
    bounds: 'in a request only with `host`: `co.uk` and `github.io` are suffixes as well',
  },
  cidr: {
    example: { cidr: '10.0.0.0/8' },
    forms: 'a range, or a list of up to 16',
    enforces: 'one IPv4 or IPv6 address in one of these ranges',
    denies:
      '`010.0.0.1`, `0x0a.0.0.1`, `10.1`, `167772161`, `::ffff:10.0.0.1` in either spelling, zone ids, brackets, a range, a name',
    bounds:
      'except IPv4 prefixes under 8 bits, and IPv6 prefixes under 16 bits that are not local networks',
  },
  number: {
    example: { number: { min: 0, max: 50 } },
    forms: 'both ends are included and optional',
    enforces:
      'an integer or fraction in this range, in exact millionths. Without `min` every negative number is allowed, which `lintConstraint` warns about',
    denies: '`"50"`, 50.000001, `NaN` and infinities (which JSON can only write as text)',
    bounds: 'in a policy only with `max`; in a request only with both ends',
  },
  integer: {
    example: { integer: { min: 1, max: 100 } },
    forms: 'as for `number`',
    enforces: 'an integer in this range; `1.0` is one',
    denies: '0.5, `"1"`',
    bounds: 'as for `number`',
  },
  length: {
    example: { length: { min: 1, max: 80 } },
    forms: 'at least one end',
    enforces: 'a string of this length, in code points',
    denies: 'a list (use `count`), a number',
  },
  matches: {
    example: { matches: '[a-z.]+@acme\\.example' },
    forms: "up to 256 bytes and 200 instructions of the engine's linear-time subset",
    enforces:
      'a plain text that the regular expression matches as a whole. The syntax is that of Rust, with the character classes and cases of Unicode 16.0',
    denies: 'text of which only a part matches. Look-around and back-references are refused',
    bounds: 'only if it matches no unrelated destination',
  },
  not: {
    example: { not: { url: { schemes: ['https'], hostSuffix: 'internal.example' } } },
    forms: 'takes one of the kinds above, but no `url` with `public`',
    enforces:
      'a value of the type and form that the kind is about, and not what it allows. For `exact` and `oneOf` of text: any other plain text',
    denies: 'what the constraint allows; text that is not plain, no path, no URL',
  },
  anyOf: {
    example: { anyOf: [{ prefix: 'GB' }, { integer: { min: 1, max: 9 } }] },
    forms: '1 to 4 of the kinds above, `publicHost` and `empty`',
    enforces: 'what one of these constraints allows',
    denies: 'what all of them deny',
    bounds: 'if every one of them does',
  },
  from: {
    example: { from: ['own:iban', 'prompt', '=CH9300762011623852957'] },
    forms: '1 to 64 [origins](#origins)',
    enforces: 'a text or a number that comes from one of these',
    denies:
      'a value that nothing attests; a part of an attested text; the number 7 where the text `7` is attested; true, false and null, which come from nowhere',
    bounds: 'only if the sink takes each of its origins',
  },
  publicHost: {
    example: { publicHost: true },
    enforces:
      'an IP address of a public server, or a host name with a dot (see [public hosts](#public-hosts))',
    denies:
      '`127.0.0.1`, `169.254.169.254`, `fd00::1`, `localhost`, `db.internal`, `0x7f.1`; a URL, for which there is `url` with `public`',
  },
  empty: {
    example: { empty: true },
    enforces:
      'nothing: no argument, null, an empty text, array or object. Frameworks send these for an argument that a model left out',
    denies: 'anything else, such as 0, false or a space',
  },
  subsetOf: {
    example: { subsetOf: ['a', 'b'] },
    forms: 'as for `oneOf`',
    enforces: 'an array of these values. It may repeat them, and may be empty',
    denies: 'any other element, a nested array, a string',
  },
  every: {
    example: { every: { suffix: '@acme.example' } },
    enforces: 'an array of scalars, each of which meets the constraint. It may be empty',
    denies: 'an element that does not meet it; a nested array or object',
    bounds: 'if the constraint inside it does',
  },
  any: {
    example: { any: { exact: 'audit@acme.example' } },
    enforces: 'an array of scalars, at least one of which meets the constraint',
    denies: 'the empty array; a nested array or object',
  },
  each: {
    example: {
      each: { sku: { oneOf: ['A1', 'B2'] }, count: { optional: { integer: { min: 1, max: 9 } } } },
    },
    forms:
      '1 to 12 names of members, each with a constraint on a scalar, with `present`, or with `optional` around one of these',
    enforces:
      'an array of objects that have these members and no others, each of which meets its constraint. It may be empty',
    denies:
      'an element that is no object, lacks a member that is not `optional`, or has another one; a member that is an array or an object',
    bounds: 'a sink `/items/*/sku` if the constraint on that member does',
  },
  eachHas: {
    example: { eachHas: { address: { from: ['own:email', 'prompt'] } } },
    forms: 'as for `each`',
    enforces:
      'an array of objects that have these members, each of which meets its constraint. They may have others. It may be empty',
    denies:
      'an element that is no object, or lacks a member that is not `optional`; an array or an object as one of these members',
    bounds: 'a sink `/to/*/address` if the constraint on that member does',
  },
  orEmpty: {
    example: { orEmpty: { every: { suffix: '@acme.example' } } },
    forms: 'takes `subsetOf`, `every`, `each` or `eachHas`',
    enforces:
      'nothing, which is what `empty` allows, or an array that meets the constraint. Frameworks send null for a list that a model left out',
    denies: 'what both deny',
    bounds: 'if the constraint inside it does',
  },
  count: {
    example: { count: { min: 1, max: 5 } },
    forms: 'at least one end',
    enforces: 'an array with this number of elements',
    denies: 'a string, an object',
  },
  allOf: {
    example: { allOf: [{ every: { suffix: '@acme.example' } }, { count: { max: 5 } }] },
    forms: 'up to 8',
    enforces: 'every one of these constraints',
    denies: 'whatever one of them denies',
    bounds: 'if one of its parts does',
  },
  present: {
    example: { present: true },
    enforces: 'any value but null',
    denies: 'null; a missing argument',
  },
  absent: {
    example: { absent: true },
    enforces: 'no argument',
    denies: 'any value, including null',
  },
  optional: {
    example: { optional: { oneOf: ['a'] } },
    enforces: 'no argument, or one that meets the constraint',
    denies: 'null, unless the constraint allows it',
    bounds: 'if the constraint inside it does',
  },
};

/** An example of each kind. */
export const CONSTRAINT_EXAMPLES: readonly (readonly [ConstraintKind, Constraint])[] = (
  Object.keys(ROWS) as ConstraintKind[]
).map((kind) => [kind, ROWS[kind].example]);

const rows = Object.entries(ROWS);

/** Renders what each kind of constraint enforces, with an example. */
export const renderConstraintKinds = (): string =>
  markdownTable(
    ['constraint', 'JSON', 'what it enforces', 'what it denies, for example'],
    rows.map(([kind, { example, forms, enforces, denies }]) => [
      `\`${kind}\``,
      [`\`${toJson(example)}\``, ...(forms === undefined ? [] : [forms])].join('; '),
      enforces,
      denies,
    ]),
  );

/** Renders which constraints bound a sink, by their author. */
export const renderSinkBounds = (): string =>
  markdownTable(
    ['constraint', 'in a policy', 'in a request', 'condition'],
    rows.map(([kind, { example, bounds = '' }]) => {
      const answer = (author: ConstraintAuthor) =>
        boundsSink(example, author) ? 'bounds' : 'does not';
      return [`\`${kind}\``, answer('policy'), answer('request'), bounds];
    }),
  );

/** JSON as a person writes it: on one line, with a space after each comma and colon. */
function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `"${name}": ${toJson(member)}`);
  return `{${members.join(', ')}}`;
}
