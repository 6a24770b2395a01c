/**
 * Verifies the difference `any-error-denies`. Our engine evaluates every combination of a query,
 * and an error in one denies. The reference stops at the first combination that matches, but
 * evaluates rules completely. If the same queries are written as rules, it must find an error as
 * well.
 */
import { ROOT_PUBLIC, ROOT_SECRET } from '../conformance/cases/index.ts';
import { judge, mint, type Reference } from '../reference/index.ts';
import { verdictOf } from './agree.ts';
import { type FuzzToken, planOf, sourceOf } from './generate/case.ts';

const QUERIES = /^(?:check if|check all|reject if|allow if|deny if) (.*)$/s;

/** Returns the statements with a rule for each query of a check or policy among them. */
function withRules(statements: readonly string[]): readonly string[] {
  const bodies = statements.flatMap(
    (statement) => QUERIES.exec(statement)?.[1]?.split(' or ') ?? [],
  );
  return [...statements, ...bodies.map((body, i) => `probe_${i}(true) <- ${body}`)];
}

export function failsSomewhere(
  reference: Reference,
  token: FuzzToken,
  authorizer: readonly string[],
): boolean {
  const blocks = token.blocks.map((block) => ({
    ...block,
    statements: withRules(block.statements),
  }));
  const bytes = mint(reference, `ed25519-private/${ROOT_SECRET}`, planOf({ ...token, blocks }));
  const outcome = judge(reference, {
    token: bytes,
    rootKey: { algorithm: 'ed25519', hex: ROOT_PUBLIC },
    authorizerCode: sourceOf(withRules(authorizer)),
  });
  return verdictOf(outcome).startsWith('Execution.');
}
