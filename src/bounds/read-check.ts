import { type Block, type Check, printCheck, type Query, type Term } from '../biscuit/index.ts';
import type { Constraint, PresentConstraint } from '../capability/index.ts';
import { rightOf, stringIn, treeOf } from './expression.ts';
import { isForeign, isOfArguments, withoutGuard } from './guard.ts';
import { anythingAt, datasetRoots } from './query-forms.ts';
import { isAbsence, readValue } from './read-value.ts';

/** What a check requires, if it has exactly a form that our own caveats or constraints have. */
export type CheckBound =
  /** Every dataset of the call lies at or below one of these. */
  | { readonly kind: 'datasets'; readonly roots: readonly string[] }
  /** The value at the pointer meets the constraint. */
  | { readonly kind: 'value'; readonly pointer: string; readonly constraint: Constraint }
  /** Nothing is at the pointer. */
  | { readonly kind: 'absent'; readonly pointer: string };

/** One check of a token, as far as it concerns the calls of one tool. */
export interface CheckReading {
  readonly block: number;
  readonly check: number;
  readonly datalog: Check;
  /** Absent if the check has another form. Its result then depends on what it `reads`. */
  readonly bound?: CheckBound;
  readonly reads: CheckReads;
}

/** What a check reads of a call, beside the facts that are known before it. */
export interface CheckReads {
  readonly datasets: boolean;
  /** The digest of the whole arguments. */
  readonly digest: boolean;
  /** The arguments at these pointers. */
  readonly pointers: ReadonlySet<string>;
  /** All arguments whose pointers start with one of these. */
  readonly below: readonly string[];
}

/** Anything: of a block whose own facts or rules may stand for facts of the call. */
const EVERYTHING: CheckReads = { datasets: true, digest: true, pointers: new Set(), below: [''] };

/**
 * Reads the checks of a token that concern the calls of one tool. A check that binds only other
 * tools is left out.
 *
 * Nothing is guessed: a check in a form that our own code does not write has no `bound`.
 */
export const readChecks = (blocks: readonly Block[], tool: string): readonly CheckReading[] =>
  blocks.flatMap((block, index) =>
    block.checks.flatMap((check, position): CheckReading[] => {
      const place = { block: index, check: position, datalog: check };
      if (isForeign(block, index)) return [{ ...place, reads: EVERYTHING }];
      const own = withoutGuard(check, tool);
      if (!own) return [];
      const bound = boundOf(own);
      return [{ ...place, reads: readsOf(check), ...(bound && { bound }) }];
    }),
  );

function boundOf({ kind, queries }: Check): CheckBound | undefined {
  const [first, ...others] = queries;
  if (!first) return undefined;
  if (kind === 'if') return valueBound(queries);
  if (others.length > 0) return undefined;
  if (kind === 'all') {
    const roots = datasetRoots(first);
    return roots && { kind: 'datasets', roots };
  }
  const pointer = anythingAt(first);
  return pointer === undefined ? undefined : { kind: 'absent', pointer };
}

/** Of the alternatives, the first may let the argument be absent, and each other allows a value. */
function valueBound(queries: readonly Query[]): CheckBound | undefined {
  const start = queries.findIndex(({ body }) => body[0]?.name !== 'arg_members');
  const values = start < 0 ? [] : queries.slice(start).map(readValue);
  const [first, ...others] = values;
  if (!first || !others.every((other) => other?.pointer === first.pointer)) return undefined;
  const { pointer } = first;
  const constraint = joined(values.flatMap((value) => (value ? [value.constraint] : [])));
  if (!constraint) return undefined;
  if (start === 0) return { kind: 'value', pointer, constraint };
  return isAbsence(queries.slice(0, start), pointer)
    ? { kind: 'value', pointer, constraint: { optional: constraint } }
    : undefined;
}

/** `present` is not one of several: no constraint has it inside. */
function joined(constraints: readonly PresentConstraint[]): PresentConstraint | undefined {
  const [first, ...others] = constraints;
  if (others.length === 0) return first;
  if (constraints.some((one) => 'present' in one)) return undefined;
  return { anyOf: constraints } as PresentConstraint;
}

function readsOf({ kind, queries }: Check): CheckReads {
  if (queries.some(({ scopes }) => scopes.length > 0)) return EVERYTHING;
  const pointers = new Set<string>();
  const below = new Set<string>();
  let [datasets, digest] = [false, false];
  for (const query of queries) {
    for (const { name, terms } of query.body) {
      if (name === 'dataset') datasets = true;
      else if (name === 'args_sha256') digest = true;
      else if (isOfArguments(name)) {
        const [place] = terms;
        if (place?.kind === 'string') pointers.add(place.value);
        // In a `check all`, the prefix is what every argument has to have.
        else below.add(kind !== 'all' && place ? prefixOf(query, place) : '');
      }
    }
  }
  return { datasets, digest, pointers, below: [...below] };
}

/** `$p.starts_with("/to/")`: elements of an array. Without it, the variable is any pointer. */
function prefixOf({ expressions }: Query, place: Term): string {
  if (place.kind !== 'variable') return '';
  for (const expression of expressions) {
    const tree = treeOf(expression);
    const prefix = tree && stringIn(rightOf(tree, place.value, 'prefix'));
    if (prefix !== undefined) return prefix;
  }
  return '';
}

/** Returns a check as Datalog text. */
export const sourceOf = ({ datalog }: CheckReading): string => printCheck(datalog);
