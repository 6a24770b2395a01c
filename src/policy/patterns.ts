import {
  type AuthorizerSource,
  authorizeWithoutToken,
  type Expression,
  parsePolicy,
  string,
} from '../biscuit/index.ts';
import type { Statement } from './statements.ts';
import { queriesOf } from './vocabulary.ts';

/**
 * To the engine, as the specification has it, a broken regular expression is one that matches
 * nothing, which turns a `deny if` into nothing at all. So a policy's own are read when it loads.
 */
export const hasBrokenPattern = (statement: Statement): boolean =>
  queriesOf(statement)
    .flatMap(({ expressions }) => expressions)
    .flatMap(literalPatterns)
    .some((pattern) => !isPattern(pattern));

/** The literals that stand right of `matches`, inside closures as well. */
function literalPatterns(ops: Expression): readonly string[] {
  return ops.flatMap((op, index) => {
    if (op.kind === 'closure') return literalPatterns(op.ops);
    const before = ops[index - 1];
    const isMatch = op.kind === 'binary' && op.operator === 'regex';
    if (!isMatch || before?.kind !== 'value' || before.term.kind !== 'string') return [];
    return [before.term.value];
  });
}

/** With an empty alternative, a pattern that can be read matches everything. */
function isPattern(pattern: string): boolean {
  const matches = parsePolicy('allow if "".matches({p})', { p: string(`${pattern}|`) });
  if (!matches.ok) return false;
  const authorizer: AuthorizerSource = {
    facts: [],
    rules: [],
    checks: [],
    policies: [matches.value],
    scopes: [],
  };
  return authorizeWithoutToken({ authorizer }).ok;
}
