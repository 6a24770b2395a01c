import * as v from 'valibot';
import type { DatalogWriter } from '../../datalog.ts';
import { checkPath } from '../../names.ts';
import { SCHEME_PORTS, type Scheme } from '../../text-reading.ts';
import { type Condition, pathIsBelow, type Test } from '../condition.ts';
import { none, type SimpleKind } from './kind.ts';

/** User info is never allowed. A query and a fragment always are. */
export interface UrlConstraint {
  readonly schemes: readonly Scheme[];
  /** Exactly one of `host` and `hostSuffix`. */
  readonly host?: string;
  /** This host, and every host below it by whole labels. */
  readonly hostSuffix?: string;
  /** Without it: the default ports of the schemes. */
  readonly port?: number;
  /** Without it: any path. */
  readonly pathBelow?: string;
}

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

const schemes = Object.keys(SCHEME_PORTS) as Scheme[];

export const url: SimpleKind<UrlConstraint> = {
  schema: v.pipe(
    v.strictObject({
      schemes: v.pipe(v.array(v.picklist(schemes)), v.minLength(1), v.maxLength(schemes.length)),
      host: v.exactOptional(host),
      hostSuffix: v.exactOptional(hostSuffix),
      port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
      pathBelow: v.exactOptional(path),
    }),
    v.check(
      (it) => (it.host === undefined) !== (it.hostSuffix === undefined),
      'host or hostSuffix',
    ),
  ),
  condition,
  // A suffix can be a whole registry (`co.uk`, `github.io`): only a policy knows which one is not.
  boundsSink: (value, author) => value.host !== undefined || author === 'policy',
  listedValues: none,
  numberRange: none,
};

function condition(value: UrlConstraint, block: DatalogWriter): Condition {
  const ports =
    value.port === undefined ? value.schemes.map((scheme) => SCHEME_PORTS[scheme]) : [value.port];
  const tests: Test[] = [
    { fact: 'arg_scheme', expression: isAmong('$s', value.schemes, block) },
    { fact: 'arg_host', expression: hostMatches(value, block) },
    { fact: 'arg_port', expression: isAmong('$o', ports.map(BigInt), block) },
  ];
  if (value.pathBelow !== undefined) {
    tests.push({ fact: 'arg_path', expression: pathIsBelow('$d', value.pathBelow, block) });
  }
  return { types: ['string'], form: 'url', tests };
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
