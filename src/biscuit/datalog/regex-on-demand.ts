import type { Block, Expression, Query } from './ast.ts';
import type { RegexEngine } from './regex/index.ts';

/**
 * Loads the regex engine if one of the blocks needs it. It comes from the bundle, so this needs no
 * I/O.
 */
export const regexFor = async (blocks: readonly Block[]): Promise<RegexEngine | undefined> =>
  blocks.some(usesMatches) ? await import('./regex/index.ts') : undefined;

/** Returns whether a rule or check of the block calls `matches` and so needs the regex engine. */
const usesMatches = ({ rules, checks }: Block): boolean =>
  rules.some(queryUsesMatches) || checks.some(({ queries }) => queries.some(queryUsesMatches));

const queryUsesMatches = ({ expressions }: Query): boolean =>
  expressions.some(expressionUsesMatches);

const expressionUsesMatches = (ops: Expression): boolean =>
  ops.some((op) =>
    op.kind === 'closure'
      ? expressionUsesMatches(op.ops)
      : 'operator' in op && op.operator === 'regex',
  );
