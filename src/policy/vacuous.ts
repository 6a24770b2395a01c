import {
  authorizeWithoutToken,
  type Expression,
  type Predicate,
  printTerm,
  type Query,
  type Term,
} from '../biscuit/index.ts';
import type { Statement } from './statements.ts';
import { queriesOf } from './vocabulary.ts';

/**
 * Returns why a condition of the statement can never hold, so that the statement, or one side of
 * its `or`, does nothing. `check if false` is intentional and stops everything (`findAlwaysTrue`).
 */
export function findNeverTrue(statement: Statement): string | undefined {
  if (isConstant(statement)) return constantFault(statement);
  for (const query of queriesOf(statement)) {
    const dead = query.expressions.find((one) => isConstantExpression(one) && !holds(one));
    if (dead) return 'a condition that is never true, whatever the request';
    const fault = contradiction(query);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Returns a warning if a statement, or a condition of it, does not depend on the request. */
export function findAlwaysTrue(statement: Statement): string | undefined {
  const queries = queriesOf(statement);
  const isAlways = queries.some(
    (query) => query.body.length === 0 && query.expressions.every(isConstantlyTrue),
  );
  if (statement.kind === 'policy' && isAlways) {
    return statement.value.kind === 'allow'
      ? 'it allows every grant that no deny or check refuses'
      : 'it denies every grant';
  }
  if (statement.kind === 'check') {
    const { kind } = statement.value;
    const isNever = queries.every(
      ({ body, expressions }) => body.length === 0 && expressions.some(isConstantlyFalse),
    );
    if (kind === 'reject' ? isAlways : isNever) return 'it refuses every grant';
    if (isAlways) return 'it checks nothing';
  }
  const isIdle = queries.some(
    ({ body, expressions }) => body.length > 0 && expressions.some(isConstantlyTrue),
  );
  return isIdle ? 'it has a condition that is always true, whatever the request' : undefined;
}

/** Whether a policy or a check reads nothing of the request. */
const isConstant = (statement: Statement): boolean =>
  (statement.kind === 'policy' || statement.kind === 'check') &&
  queriesOf(statement).every(
    ({ body, expressions }) => body.length === 0 && expressions.every(isConstantExpression),
  );

/** `deny if false` does nothing, and neither does `reject if false`. */
function constantFault(statement: Statement): string | undefined {
  const isDead = queriesOf(statement).every(({ expressions }) => !expressions.every(holds));
  const isCheckIf = statement.kind === 'check' && statement.value.kind !== 'reject';
  return isDead && !isCheckIf ? 'a condition that is never true, whatever the request' : undefined;
}

/**
 * Facts that a request states at most once; facts with string terms; facts that are true where they
 * are stated; values of `bounded_by`.
 */
const SINGLE = ['tool', 'action', 'dataset', 'task', 'audience', 'time', 'workload', 'user'];
const STRINGS = ['tool', 'action', 'dataset', 'under', 'task', 'audience', 'workload', 'user'];
const TRUE_ONLY = ['step_up', 'secret'];
const BOUNDS = ['absent', 'dataset', 'policy', 'safe', 'request', 'nothing'];

function contradiction({ body }: Query): string | undefined {
  for (const [index, predicate] of body.entries()) {
    const { name, terms } = predicate;
    const literals = terms.filter(({ kind }) => kind !== 'variable');
    if (STRINGS.includes(name) && literals.some(({ kind }) => kind !== 'string')) {
      return `${name} has string terms, and this is not a string`;
    }
    if (TRUE_ONLY.includes(name) && literals.some(({ value }) => value !== true)) {
      return `${name} is either true or not stated`;
    }
    const [, what] = name === 'bounded_by' ? terms : [];
    if (what?.kind === 'string' && !BOUNDS.includes(what.value)) {
      return `the second term of bounded_by must be one of ${BOUNDS.join(', ')}`;
    }
    const others = body.slice(0, index).filter((other) => other.name === name);
    if (SINGLE.includes(name) && others.some((other) => differs(predicate, other))) {
      return `a request has one ${name}, and this statement needs two`;
    }
  }
  return undefined;
}

const differs = (one: Predicate, other: Predicate): boolean =>
  one.terms.some((term, index) => {
    const theirs: Term | undefined = other.terms[index];
    return (
      theirs !== undefined &&
      term.kind !== 'variable' &&
      theirs.kind !== 'variable' &&
      printTerm(term) !== printTerm(theirs)
    );
  });

/** An expression without variables has the same value for every request. */
const isConstantExpression = (ops: Expression): boolean =>
  ops.every((op) => op.kind !== 'closure' && !(op.kind === 'value' && op.term.kind === 'variable'));

const isConstantlyTrue = (ops: Expression): boolean => isConstantExpression(ops) && holds(ops);
const isConstantlyFalse = (ops: Expression): boolean => isConstantExpression(ops) && !holds(ops);

function holds(expression: Expression): boolean {
  const query = { body: [], expressions: [expression], scopes: [] };
  const authorizer = {
    facts: [],
    rules: [],
    checks: [],
    policies: [{ kind: 'allow', queries: [query] } as const],
    scopes: [],
  };
  return authorizeWithoutToken({ authorizer }).ok;
}
