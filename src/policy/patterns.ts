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
 * Whether the statement contains an invalid regular expression. By the specification, the engine
 * lets it match nothing, so a `deny if` with one would deny nothing. They are checked at load.
 */
export const hasBrokenPattern = (statement: Statement): boolean =>
  queriesOf(statement)
    .flatMap(({ expressions }) => expressions)
    .flatMap(literalPatterns)
    .some((pattern) => !isPattern(pattern));

/** The literals that are arguments of `matches`, including those inside closures. */
function literalPatterns(ops: Expression): readonly string[] {
  return ops.flatMap((op, index) => {
    if (op.kind === 'closure') return literalPatterns(op.ops);
    const before = ops[index - 1];
    const isMatch = op.kind === 'binary' && op.operator === 'regex';
    if (!isMatch || before?.kind !== 'value' || before.term.kind !== 'string') return [];
    return [before.term.value];
  });
}

/** With an empty alternative, a valid pattern matches everything. */
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
