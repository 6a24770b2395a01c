import type { Block, Expression, Query } from './ast.ts';
import type { RegexEngine } from './regex/index.ts';

/** The regex engine where one of the blocks needs it. From the bundle, and so without I/O. */
export const regexFor = async (blocks: readonly Block[]): Promise<RegexEngine | undefined> =>
  blocks.some(usesMatches) ? await import('./regex/index.ts') : undefined;

/** Whether some rule or check of the block calls `matches`, and so needs the regex engine. */
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
