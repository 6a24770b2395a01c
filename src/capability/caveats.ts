import { type Datalog, DatalogWriter } from '../biscuit-wasm/index.ts';
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
export async function writeCaveats(n: Narrowing): Promise<Result<Datalog, NarrowingError>> {
  const checked = checkNames(n);
  if (!checked.ok) return checked;
  const block = new DatalogWriter();
  if (n.tool !== undefined) block.add`check all tool($t), ${new Set(list(n.tool))}.contains($t)`;
  if (n.action !== undefined) block.add`check all action($a), $a == ${n.action}`;
  if (n.dataset !== undefined) writeBelow(block, 'dataset', list(n.dataset));
  if (n.args !== undefined) {
    const leaves = argumentLeaves(n.args);
    if (!leaves.ok) return leaves;
    const digest = await argumentsDigest(n.args);
    block.add`check if args_sha256(${digest})`;
  }
  for (const [pointer, bound] of Object.entries(n.bounds ?? {})) {
    const written = writeBound(block, pointer, bound);
    if (!written.ok) return written;
  }
  if (n.expires !== undefined) block.add`check if time($t), $t < ${n.expires}`;
  if (n.audience !== undefined) block.add`check all audience($a), $a == ${n.audience}`;
  if (n.method !== undefined) block.add`check all method($m), $m == ${n.method}`;
  if (n.path !== undefined) writeBelow(block, 'path', [n.path]);
  const datalog = block.done();
  return datalog.source === '' ? invalid('nothing to narrow') : ok(datalog);
}

function writeBelow(
  block: DatalogWriter,
  fact: 'dataset' | 'path',
  roots: readonly string[],
): void {
  const alternatives = roots.map((root) => {
    const below = root.endsWith('/') ? root : `${root}/`;
    return `$d == ${block.parameter(root)} || $d.starts_with(${block.parameter(below)})`;
  });
  block.addText(`check all ${fact}($d), ${alternatives.join(' || ')}`);
}

function writeBound(
  block: DatalogWriter,
  pointer: string,
  bound: ArgumentBound,
): Result<null, NarrowingError> {
  if (!/^(?:\/(?:[^~]|~[01])*)$/.test(pointer)) return invalid('a bound needs an RFC 6901 pointer');
  // Encoded as UTF-8 a lone surrogate turns into U+FFFD: the caveat would name another value.
  if (![pointer, ...textsOf(bound)].every((text) => text.isWellFormed())) {
    return invalid('a lone surrogate');
  }
  if ('oneOf' in bound) {
    if (bound.oneOf.length === 0) return invalid('oneOf is empty');
    block.add`check all arg(${pointer}, $v), ${new Set(bound.oneOf)}.contains($v)`;
    return ok(null);
  }
  if ('equals' in bound && typeof bound.equals !== 'number') {
    block.add`check all arg(${pointer}, $v), $v == ${bound.equals}`;
    return ok(null);
  }
  // Numbers are judged in millionths, the one form that every number brings.
  const { min, max } = 'equals' in bound ? { min: bound.equals, max: bound.equals } : bound;
  if (min === undefined && max === undefined) return invalid('a bound without a limit');
  const floor = toMicros(Number(min ?? 0));
  const ceiling = toMicros(Number(max ?? 0));
  if (floor === undefined || ceiling === undefined)
    return invalid('a limit with over six decimals');
  if (min !== undefined) block.add`check all arg_micros(${pointer}, $v), $v >= ${floor}`;
  if (max !== undefined) block.add`check all arg_micros(${pointer}, $v), $v <= ${ceiling}`;
  return ok(null);
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
