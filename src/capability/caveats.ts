import type { Block } from '../biscuit/index.ts';
import type { JsonObject } from '../canonical-json.ts';
import { TIME_MILLISECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type ArgumentError, argumentNodes, argumentsDigest } from './arguments.ts';
import {
  type ConstraintError,
  type ConstraintsByPointer,
  writeCaveatConstraints,
} from './constraints/index.ts';
import { DatalogWriter, toBlock } from './datalog.ts';
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

/** What a holder cuts a token down to. Every member only takes away; absent means unchanged. */
export interface Narrowing {
  readonly tool?: string | readonly string[];
  readonly action?: Action;
  /** One or several datasets; what lies below each stays allowed. */
  readonly dataset?: string | readonly string[];
  /** The whole arguments, pinned by the SHA-256 of their RFC 8785 form. */
  readonly args?: JsonObject;
  /** Constraints on single arguments by RFC 6901 pointer, where the whole is not known yet. */
  readonly constraints?: ConstraintsByPointer;
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
  | ConstraintError
  | { readonly code: 'narrowing_invalid'; readonly why: string };

const invalid = (why: string): Result<never, NarrowingError> =>
  refuse({ code: 'narrowing_invalid', why });

/**
 * The caveat block of a narrowing: checks alone, one `check all` over each fact kind that it
 * limits, so that a call which brings no such fact is denied and one which brings several is
 * allowed only if every one passes. An argument brings each of its facts at most once and its
 * constraints want it there (constraints/compile.ts).
 */
export async function writeCaveats(n: Narrowing): Promise<Result<Block, NarrowingError>> {
  const checked = checkNames(n);
  if (!checked.ok) return checked;
  const caveats = new DatalogWriter();
  if (n.tool !== undefined) {
    caveats.add`check all tool($t), ${new Set(list(n.tool))}.contains($t)`;
  }
  if (n.action !== undefined) caveats.add`check all action($a), $a == ${n.action}`;
  if (n.dataset !== undefined) writeBelow(caveats, 'dataset', list(n.dataset));
  if (n.args !== undefined) {
    const nodes = argumentNodes(n.args);
    if (!nodes.ok) return nodes;
    caveats.add`check if args_sha256(${await argumentsDigest(n.args)})`;
  }
  if (n.constraints !== undefined) {
    const written = writeCaveatConstraints(caveats, n.constraints);
    if (!written.ok) return written;
  }
  if (n.expires !== undefined) caveats.add`check if time($t), $t < ${n.expires}`;
  if (n.audience !== undefined) caveats.add`check all audience($a), $a == ${n.audience}`;
  if (n.method !== undefined) caveats.add`check all method($m), $m == ${n.method}`;
  if (n.path !== undefined) writeBelow(caveats, 'path', [n.path]);
  const block = toBlock(caveats.done());
  return block.checks.length === 0 ? invalid('nothing to narrow') : ok(block);
}

function writeBelow(
  caveats: DatalogWriter,
  fact: 'dataset' | 'path',
  roots: readonly string[],
): void {
  const alternatives = roots.map((root) => {
    const inside = caveats.parameter(root.endsWith('/') ? root : `${root}/`);
    return `$d == ${caveats.parameter(root)} || $d.starts_with(${inside})`;
  });
  caveats.addText(`check all ${fact}($d), ${alternatives.join(' || ')}`);
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
