import {
  type Block,
  bool,
  bytes,
  type Check,
  date,
  integer,
  NULL,
  type Parameters,
  parseCheck,
  set,
  string,
  type Term,
} from '../biscuit/index.ts';
import type { JsonObject, JsonScalar } from '../canonical-json.ts';
import { TIME_MILLISECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type ArgumentError, argumentLeaves, argumentsDigest, toMicros } from './arguments.ts';
import {
  type Action,
  checkAudience,
  checkDataset,
  checkMethod,
  checkPath,
  checkTool,
  isAction,
  type NameError,
} from './names.ts';

/** A bound on one argument, by RFC 6901 pointer. The argument must be there and meet it. */
export type ArgumentBound =
  | { readonly equals: JsonScalar }
  | { readonly oneOf: readonly string[] }
  | { readonly min?: number; readonly max?: number };

/** What a holder cuts a token down to. Every member only takes away; absent means unchanged. */
export interface Narrowing {
  readonly tool?: string | readonly string[];
  readonly action?: Action;
  /** One or several datasets; what lies below each stays allowed. */
  readonly dataset?: string | readonly string[];
  /** The whole arguments, pinned by the SHA-256 of their RFC 8785 form. */
  readonly args?: JsonObject;
  /** Bounds on single arguments, where the whole is not known yet. */
  readonly bounds?: Readonly<Record<string, ArgumentBound>>;
  /** Exclusive, in whole seconds. */
  readonly expires?: Date;
  readonly audience?: string;
  readonly method?: string;
  /** A URL path; what lies below it stays allowed. */
  readonly path?: string;
}

export type NarrowingError =
  | NameError
  | ArgumentError
  | { readonly code: 'narrowing_invalid'; readonly why: string };

const invalid = (why: string): Result<never, NarrowingError> =>
  refuse({ code: 'narrowing_invalid', why });

/**
 * The caveat block of a narrowing: checks alone, one `check all` over each fact kind that it
 * limits, so that a call which brings no such fact is denied and one which brings several is
 * allowed only if every one passes.
 */
export async function writeCaveats(n: Narrowing): Promise<Result<Block, NarrowingError>> {
  const checked = checkNames(n);
  if (!checked.ok) return checked;
  const checks: Check[] = [];
  const add = (text: string, parameters: Parameters) => checks.push(check(text, parameters));
  if (n.tool !== undefined) {
    add('check all tool($t), {tools}.contains($t)', { tools: set(list(n.tool).map(string)) });
  }
  if (n.action !== undefined) add('check all action($a), $a == {a}', { a: string(n.action) });
  if (n.dataset !== undefined) checks.push(below('dataset', list(n.dataset)));
  if (n.args !== undefined) {
    const leaves = argumentLeaves(n.args);
    if (!leaves.ok) return leaves;
    add('check if args_sha256({digest})', { digest: bytes(await argumentsDigest(n.args)) });
  }
  for (const [pointer, bound] of Object.entries(n.bounds ?? {})) {
    const bounded = boundChecks(pointer, bound);
    if (!bounded.ok) return bounded;
    checks.push(...bounded.value);
  }
  if (n.expires !== undefined) {
    const end = date(Math.floor(n.expires.getTime() / 1000));
    add('check if time($t), $t < {end}', { end });
  }
  if (n.audience !== undefined) add('check all audience($a), $a == {a}', { a: string(n.audience) });
  if (n.method !== undefined) add('check all method($m), $m == {m}', { m: string(n.method) });
  if (n.path !== undefined) checks.push(below('path', [n.path]));
  if (checks.length === 0) return invalid('nothing to narrow');
  return ok({ facts: [], rules: [], checks, scopes: [] });
}

/** The text is ours and holds no value, so a failure to parse it is a bug. */
function check(text: string, parameters: Parameters): Check {
  const parsed = parseCheck(text, parameters);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.error)}`);
  return parsed.value;
}

function below(fact: 'dataset' | 'path', roots: readonly string[]): Check {
  const parameters: Record<string, Term> = {};
  const alternatives = roots.map((root, index) => {
    parameters[`root${index}`] = string(root);
    parameters[`below${index}`] = string(root.endsWith('/') ? root : `${root}/`);
    return `$d == {root${index}} || $d.starts_with({below${index}})`;
  });
  return check(`check all ${fact}($d), ${alternatives.join(' || ')}`, parameters);
}

function boundChecks(
  pointer: string,
  bound: ArgumentBound,
): Result<readonly Check[], NarrowingError> {
  if (!/^(?:\/(?:[^~]|~[01])*)$/.test(pointer)) return invalid('a bound needs an RFC 6901 pointer');
  // Encoded as UTF-8 a lone surrogate turns into U+FFFD: the caveat would name another value.
  if (![pointer, ...textsOf(bound)].every((text) => text.isWellFormed())) {
    return invalid('a lone surrogate');
  }
  const p = string(pointer);
  if ('oneOf' in bound) {
    if (bound.oneOf.length === 0) return invalid('oneOf is empty');
    const values = set(bound.oneOf.map(string));
    return ok([check('check all arg({p}, $v), {values}.contains($v)', { p, values })]);
  }
  const equals = 'equals' in bound ? bound.equals : undefined;
  if (equals !== undefined && typeof equals !== 'number') {
    const v = equals === null ? NULL : typeof equals === 'string' ? string(equals) : bool(equals);
    return ok([check('check all arg({p}, $v), $v == {v}', { p, v })]);
  }
  // Numbers are judged in millionths, the one form that every number brings.
  const { min, max } = 'equals' in bound ? { min: equals, max: equals } : bound;
  if (min === undefined && max === undefined) return invalid('a bound without a limit');
  const checks: Check[] = [];
  for (const [text, limit] of [
    ['check all arg_micros({p}, $v), $v >= {limit}', min],
    ['check all arg_micros({p}, $v), $v <= {limit}', max],
  ] as const) {
    if (limit === undefined) continue;
    const micros = toMicros(limit);
    if (micros === undefined) return invalid('a limit that does not fit 64-bit millionths');
    checks.push(check(text, { p, limit: integer(micros) }));
  }
  return ok(checks);
}

function textsOf(bound: ArgumentBound): readonly string[] {
  if ('oneOf' in bound) return bound.oneOf;
  return 'equals' in bound && typeof bound.equals === 'string' ? [bound.equals] : [];
}

function checkNames(n: Narrowing): Result<null, NarrowingError> {
  if (n.action !== undefined && !isAction(n.action)) return invalid('not one of the four actions');
  if (n.expires !== undefined && !isTokenTime(n.expires)) return invalid('not a date');
  if (list(n.tool).length === 0 && n.tool !== undefined) return invalid('an empty list of tools');
  if (list(n.dataset).length === 0 && n.dataset !== undefined) {
    return invalid('an empty list of datasets');
  }
  const checks = [
    ...list(n.tool).map(checkTool),
    ...list(n.dataset).map(checkDataset),
    ...list(n.audience).map(checkAudience),
    ...list(n.method).map(checkMethod),
    ...list(n.path).map(checkPath),
  ];
  for (const check of checks) if (!check.ok) return check;
  return ok(null);
}

const isTokenTime = (date: Date): boolean =>
  date.getTime() > 0 && date.getTime() <= TIME_MILLISECONDS_MAX;

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
