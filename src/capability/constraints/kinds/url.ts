import * as v from 'valibot';
import { isJsonObject } from '../../../canonical-json.ts';
import type { DatalogWriter } from '../../datalog.ts';
import { checkPath } from '../../names.ts';
import { SCHEME_PORTS, type Scheme } from '../../text-reading.ts';
import { type Condition, pathIsBelow, type Test } from '../condition.ts';
import { CONSTRAINT_VALUES_MAX } from '../limits.ts';
import { none, type SimpleKind } from './kind.ts';
import { isPattern } from './scalar-schemas.ts';

/** User info is never allowed, and a fragment always is. */
export interface UrlConstraint {
  readonly schemes: readonly Scheme[];
  /** Exactly one of `host`, `hostSuffix` and `public`. */
  readonly host?: string;
  /** This host, and every host below it by whole labels. */
  readonly hostSuffix?: string;
  /** Any host but addresses and names of local networks. Names are not resolved. */
  readonly public?: true;
  /** Without it: the default ports of the schemes. */
  readonly port?: number;
  /** Without it: any path. */
  readonly pathBelow?: string;
  /**
   * The parameters that the query may have, each with its values, as they are written, or `true`
   * for any. `{}` is no query. Without it: any query.
   */
  readonly query?: UrlQuery;
}

/** By the names of the parameters. */
export type UrlQuery = Readonly<Record<string, true | readonly string[]>>;

const hostname = (written: string): string =>
  URL.canParse(`http://${written}/`) ? new URL(`http://${written}/`).hostname : '';
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/;

const host = v.pipe(
  v.string(),
  v.check((value) => HOST.test(value) && hostname(value) === value, 'not in its looked-up form'),
);

// At least two labels: no one owner has all of `com`. A suffix that ends in a number is part of an
// address.
const hostSuffix = v.pipe(
  v.string(),
  v.check((value) => /^[^.]+\../.test(value) && !value.startsWith('['), 'not two labels'),
  v.check(
    (value) => HOST.test(value) && hostname(`a.${value}`) === `a.${value}`,
    'not in its looked-up form',
  ),
);

const path = v.pipe(
  v.string(),
  v.check((value) => value === '/' || (checkPath(value).ok && !value.endsWith('/')), 'not a path'),
  v.check((value) => new URL(`http://a${value}`).pathname === value, 'not in its sent form'),
);

const PARAMETER = /^[\w.~-]{1,64}$/;
const PARAMETER_VALUE = /^[\w.~!$'()*,:@/?-]{0,128}$/;
const isQueryValue = (value: unknown): boolean =>
  value === true ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.length <= CONSTRAINT_VALUES_MAX &&
    value.every((one) => typeof one === 'string' && PARAMETER_VALUE.test(one)));

// Not valibot's `record`, which drops members with names such as `constructor`.
const query = v.pipe(
  v.custom<UrlQuery>(isJsonObject, 'not an object'),
  v.check(
    (parameters) =>
      Object.entries(parameters).every(
        ([name, value]) => PARAMETER.test(name) && isQueryValue(value),
      ),
    'not parameters with plain names, each with true or a list of plain values',
  ),
  v.check((parameters) => isPattern(queryPattern(parameters)), 'too many parameters or values'),
);

const queryPattern = (parameters: UrlQuery): string => {
  const pairs = Object.entries(parameters).map(([name, value]) => {
    const values = value === true ? '[^&]*' : `(?:${value.map(inPattern).join('|')})`;
    return `${inPattern(name)}=${values}`;
  });
  return `(?:&(?:${pairs.join('|')}))*`;
};

/** Of the characters that a name or value may have, these are special in a pattern. */
const inPattern = (text: string): string => text.replaceAll(/[.$()*?]/g, '\\$&');

const schemes = Object.keys(SCHEME_PORTS) as Scheme[];

export const url: SimpleKind<UrlConstraint> = {
  schema: v.pipe(
    v.strictObject({
      schemes: v.pipe(v.array(v.picklist(schemes)), v.minLength(1), v.maxLength(schemes.length)),
      host: v.exactOptional(host),
      hostSuffix: v.exactOptional(hostSuffix),
      public: v.exactOptional(v.literal(true)),
      port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
      pathBelow: v.exactOptional(path),
      query: v.exactOptional(query),
    }),
    v.check(
      (it) => [it.host, it.hostSuffix, it.public].filter((one) => one !== undefined).length === 1,
      'not one of host, hostSuffix and public',
    ),
  ),
  condition,
  // A suffix can be a whole registry (`co.uk`, `github.io`): only a policy knows which one is not.
  boundsSink: (value, author) =>
    value.host !== undefined || (value.hostSuffix !== undefined && author === 'policy'),
  listedValues: none,
  numberRange: none,
};

function condition(value: UrlConstraint, block: DatalogWriter): Condition {
  const ports =
    value.port === undefined ? value.schemes.map((scheme) => SCHEME_PORTS[scheme]) : [value.port];
  const tests: Test[] = [
    { fact: 'arg_scheme', expression: isAmong('$s', value.schemes, block) },
    hostTest(value, block),
    { fact: 'arg_port', expression: isAmong('$o', ports.map(BigInt), block) },
  ];
  if (value.pathBelow !== undefined) {
    tests.push({ fact: 'arg_path', expression: pathIsBelow('$d', value.pathBelow, block) });
  }
  if (value.query === undefined) return { types: ['string'], form: 'url', tests };
  tests.push({ fact: 'arg_query', expression: queryMatches(value.query, block) });
  return { types: ['string'], form: 'query', tests };
}

const queryMatches = (parameters: UrlQuery, block: DatalogWriter): string =>
  Object.keys(parameters).length === 0
    ? '$q == ""'
    : `$q.matches(${block.parameter(`^${queryPattern(parameters)}$`)})`;

function hostTest(value: UrlConstraint, block: DatalogWriter): Test {
  if (value.public) return { fact: 'arg_forms', expression: '$f.contains("public")' };
  return { fact: 'arg_host', expression: hostMatches(value, block) };
}

function hostMatches(value: UrlConstraint, block: DatalogWriter): string {
  if (value.host !== undefined) return `$h == ${block.parameter(value.host)}`;
  const suffix = value.hostSuffix ?? '';
  return `$h == ${block.parameter(suffix)} || $h.ends_with(${block.parameter(`.${suffix}`)})`;
}

function isAmong(
  variable: string,
  values: readonly (string | bigint)[],
  block: DatalogWriter,
): string {
  const [first, ...others] = [...new Set(values)];
  return first !== undefined && others.length === 0
    ? `${variable} == ${block.parameter(first)}`
    : `${block.parameter([...new Set(values)])}.contains(${variable})`;
}
