import type { Statement } from './statements.ts';

/**
 * The facts of a request, with their number of terms; the policy reads them and may not state them.
 */
export const REQUEST_FACTS: Readonly<Record<string, number>> = {
  workload: 2,
  user: 2,
  task: 1,
  audience: 1,
  time: 1,
  tool: 1,
  action: 1,
  dataset: 1,
  under: 1,
};

/** The facts that a decision reads from the policy. */
const DECISION_FACTS: Readonly<Record<string, number>> = { owner: 1, max_lifetime: 1 };

const KEYWORDS = new Set(['if', 'or', 'all', 'trusting', 'true', 'false', 'null']);

interface Predicate {
  readonly name: string;
  readonly terms: number;
}

const keyOf = ({ name, terms }: Predicate): string => `${name}/${terms}`;

export type StatementKind = 'fact' | 'rule' | 'check' | 'policy';

export function kindOf({ bare }: Statement): StatementKind {
  if (/^(?:allow|deny)\s+if\b/.test(bare)) return 'policy';
  if (/^(?:check\s+(?:if|all)|reject\s+if)\b/.test(bare)) return 'check';
  return bare.includes('<-') ? 'rule' : 'fact';
}

/**
 * Why a statement could not do what it says, or undefined. A `deny if` over a misspelt fact, or
 * over one with a term too few, never matches and so denies nothing, without a word from the
 * engine.
 */
export function misuse(statement: Statement, stated: ReadonlySet<string>): string | undefined {
  const head = headOf(statement);
  if (head) {
    if (Object.hasOwn(REQUEST_FACTS, head.name)) return `${head.name} is for the request to state`;
    const terms = Object.hasOwn(DECISION_FACTS, head.name) ? DECISION_FACTS[head.name] : undefined;
    if (terms !== undefined && head.terms !== terms) return `${head.name} has ${terms} term`;
  }
  const unknown = readsOf(statement).find(
    (read) => REQUEST_FACTS[read.name] !== read.terms && !stated.has(keyOf(read)),
  );
  return unknown && `nothing states ${keyOf(unknown)}`;
}

/** The kinds of fact that the statements add, as `name/terms`. */
export const statedBy = (statements: readonly Statement[]): ReadonlySet<string> =>
  new Set(
    statements.flatMap((statement) => {
      const head = headOf(statement);
      return head ? [keyOf(head)] : [];
    }),
  );

function headOf(statement: Statement): Predicate | undefined {
  const kind = kindOf(statement);
  return kind === 'fact' || kind === 'rule' ? predicates(statement.bare)[0] : undefined;
}

function readsOf(statement: Statement): readonly Predicate[] {
  const all = predicates(statement.bare);
  return headOf(statement) ? all.slice(1) : all;
}

/** `name(…)` where it is no method, extern function or variable. */
function predicates(bare: string): readonly Predicate[] {
  const found: Predicate[] = [];
  for (const match of bare.matchAll(/(?<![\w.:$])([A-Za-z_][\w:]*)\s*\(/g)) {
    const [whole, name = ''] = match;
    if (KEYWORDS.has(name)) continue;
    found.push({ name, terms: countTerms(bare.slice(match.index + whole.length)) });
  }
  return found;
}

/** The terms up to the bracket that closes the predicate; a set or an array is one term. */
function countTerms(inside: string): number {
  let depth = 0;
  let terms = 1;
  for (const character of inside) {
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && depth-- === 0) break;
    else if (character === ',' && depth === 0) terms++;
  }
  return terms;
}
