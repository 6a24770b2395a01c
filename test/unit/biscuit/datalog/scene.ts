/** Scenes written as text: blocks, an authorizer, and the outcome. */
import {
  type Block,
  type EvaluationInput,
  evaluate,
  type PublicKey,
  parseAuthorizer,
  parseBlock,
} from '../../../../src/biscuit/datalog/index.ts';
import type { BiscuitError } from '../../../../src/biscuit/errors.ts';
import type { Result } from '../../../../src/result.ts';

export function good<T>(result: Result<T, BiscuitError>): T {
  if (result.ok) return result.value;
  throw new Error(`refused: ${JSON.stringify(result.error)}`);
}

const block = (text: string): Block => good(parseBlock(text));

export type Scene = {
  /** The authority block first. A pair is a third-party block and its key. */
  readonly blocks?: readonly (string | readonly [string, PublicKey])[];
  readonly authorizer?: string;
} & Omit<Partial<EvaluationInput>, 'blocks' | 'authorizer'>;

export const inputOf = ({ blocks = [], authorizer = 'allow if true', ...rest }: Scene) => ({
  ...rest,
  blocks: blocks.map((source) =>
    typeof source === 'string'
      ? { block: block(source) }
      : { block: block(source[0]), externalKey: source[1] },
  ),
  authorizer: good(parseAuthorizer(authorizer)),
});

/** The policy index, or the error. */
export function outcome(scene: Scene): number | BiscuitError {
  const result = evaluate(inputOf(scene));
  return result.ok ? result.value.policyIndex : result.error;
}

/** `allowed`, the code of an error, or the failed checks as `origin/index`. */
export function answer(scene: Scene): string {
  const result = outcome(scene);
  if (typeof result === 'number') return 'allowed';
  if (result.code === 'limit_exceeded') return result.limit;
  return result.code === 'unauthorized' && result.checks.length > 0
    ? result.checks.map(({ origin, checkId }) => `${origin}/${checkId}`).join(' ')
    : result.code;
}
