import {
  type Check,
  type Expression,
  printCheck,
  type Query,
  type Term,
} from '../biscuit/index.ts';

/** A check of the token that failed. */
export interface FailedCheck {
  /** Index of the block; 0 is the authority block. */
  readonly block: number;
  /** Index of the check in its block. */
  readonly check: number;
  /** The check as Datalog text. */
  readonly source: string;
  /** The names of the facts that it reads, in the order of its text. */
  readonly facts: readonly string[];
  /** What it requires of one argument; absent if it reads other facts. */
  readonly argument?: ArgumentClause;
}

export interface ArgumentClause {
  /** RFC 6901 pointer; empty for the arguments as a whole. */
  readonly pointer: string;
  /** Of a closed object: the pointers of the members that it may have. */
  readonly members?: ReadonlySet<string>;
  /** The check without the part that names its tool. */
  readonly source: string;
}

/**
 * Returns what a check requires of an argument, if constraints/compile.ts wrote it. The last of its
 * bodies does; the others let other tools and absent arguments pass.
 */
export function argumentClause({ kind, queries }: Check): ArgumentClause | undefined {
  const query = queries.at(-1);
  const fact = query?.body.find(({ name }) => name === 'arg' || /^arg_/.test(name));
  if (!query || !fact) return undefined;
  const body = query.body.filter(({ name }) => name !== 'tool');
  const source = printCheck({ kind, queries: [{ ...query, body }] });
  const [place, value] = fact.terms;
  const pointer = place?.kind === 'string' ? place.value : pointerOfElements(query, place);
  if (pointer === undefined) return undefined;
  const members = fact.name === 'arg_members' && listedIn(query, value);
  return members ? { pointer, members, source } : { pointer, source };
}

/** The elements of an array are what lies below it: `$p.starts_with("/to/")`. */
function pointerOfElements({ expressions }: Query, place: Term | undefined): string | undefined {
  const below = operand(expressions, place, 'prefix', 'right');
  return below?.kind === 'string' ? below.value.replace(/\/$/, '') : undefined;
}

/** The texts of `{"/to", "/subject"}.contains($n)`, for the variable of this term. */
export function listedIn(
  { expressions }: Query,
  value: Term | undefined,
): ReadonlySet<string> | false {
  const names = operand(expressions, value, 'contains', 'left');
  if (names?.kind !== 'set') return false;
  return new Set(names.value.flatMap((term) => (term.kind === 'string' ? [term.value] : [])));
}

/** The operand on that side of the operator, if the variable is on the other. */
function operand(
  expressions: readonly Expression[],
  variable: Term | undefined,
  operator: 'prefix' | 'contains',
  side: 'left' | 'right',
): Term | undefined {
  if (variable?.kind !== 'variable') return undefined;
  for (const [left, right, op, ...others] of expressions) {
    if (op?.kind !== 'binary' || op.operator !== operator || others.length > 0) continue;
    if (left?.kind !== 'value' || right?.kind !== 'value') continue;
    const [wanted, other] = side === 'left' ? [left.term, right.term] : [right.term, left.term];
    if (other.kind === 'variable' && other.value === variable.value) return wanted;
  }
  return undefined;
}
