import type { Predicate, Query } from '../biscuit/index.ts';
import { BOUND_FACTS } from './bounds.ts';
import { REQUIREMENT_FACTS } from './requirements.ts';
import type { Statement } from './statements.ts';

/**
 * The facts of a request, with their number of terms. A policy reads them and must not state them.
 */
const REQUEST_FACTS: Readonly<Record<string, number>> = {
  workload: 2,
  user: 2,
  workload_claim: 2,
  user_claim: 2,
  task: 1,
  audience: 1,
  time: 1,
  tool: 1,
  action: 1,
  dataset: 1,
  under: 1,
  step_up: 1,
  sink: 1,
  secret: 1,
  leaves_open: 1,
  bounded_by: 2,
  constraint: 2,
};

/** The facts of a policy that a decision reads. */
const DECISION_FACTS: Readonly<Record<string, number>> = {
  owner: 1,
  max_lifetime: 1,
  require_holder: 1,
  unattended: 1,
  ...BOUND_FACTS,
  ...REQUIREMENT_FACTS,
};

const keyOf = ({ name, terms }: Predicate): string => `${name}/${terms.length}`;

/**
 * Returns why a statement could have no effect, or undefined. A `deny if` over a misspelt fact, or
 * over a fact with a missing term, never matches and silently denies nothing. With a misspelt
 * `approval(true)`, no person would be asked.
 */
export function findMisuse(
  statement: Statement,
  stated: ReadonlySet<string>,
  read: ReadonlySet<string>,
): string | undefined {
  const head = headOf(statement);
  if (head) {
    if (Object.hasOwn(REQUEST_FACTS, head.name))
      return `${head.name} is a fact of the request, which a policy must not state`;
    const terms = Object.hasOwn(DECISION_FACTS, head.name) ? DECISION_FACTS[head.name] : undefined;
    if (terms !== undefined && head.terms.length !== terms) {
      return `${head.name} has ${terms} ${terms === 1 ? 'term' : 'terms'}`;
    }
  }
  if (head && !Object.hasOwn(DECISION_FACTS, head.name) && !read.has(keyOf(head))) {
    return `nothing reads ${keyOf(head)}`;
  }
  const queries = queriesOf(statement);
  const unknown = queries
    .flatMap(({ body }) => body)
    .find(({ name, terms }) => {
      const asked = Object.hasOwn(REQUEST_FACTS, name) ? REQUEST_FACTS[name] : undefined;
      return asked !== terms.length && !stated.has(keyOf({ name, terms }));
    });
  if (unknown) return `nothing states ${keyOf(unknown)}`;
  const isBound = (variable: string) =>
    queries.some(({ body }) =>
      body.some(({ terms }) =>
        terms.some(({ kind, value }) => kind === 'variable' && value === variable),
      ),
    );
  const loose = head?.terms.find(({ kind, value }) => kind === 'variable' && !isBound(value));
  return loose && 'the head has a variable that no fact binds';
}

/** Returns the kinds of fact that the statements state, as `name/terms`. */
export const statedBy = (statements: readonly Statement[]): ReadonlySet<string> =>
  new Set(
    statements.flatMap((statement) => {
      const head = headOf(statement);
      return head ? [keyOf(head)] : [];
    }),
  );

/** Returns the kinds of fact that the statements read, as `name/terms`. */
export const readBy = (statements: readonly Statement[]): ReadonlySet<string> =>
  new Set(statements.flatMap(queriesOf).flatMap(({ body }) => body.map(keyOf)));

/** Returns the fact that a fact or a rule states. */
function headOf(statement: Statement): Predicate | undefined {
  if (statement.kind === 'fact') return statement.value;
  return statement.kind === 'rule' ? statement.value.head : undefined;
}

/** Returns the queries of a rule, a check or a policy. */
export function queriesOf(statement: Statement): readonly Query[] {
  if (statement.kind === 'fact') return [];
  return statement.kind === 'rule' ? [statement.value] : statement.value.queries;
}
