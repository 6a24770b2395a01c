/** Authorizes a verified token. No other kind of token is accepted. */
import { list, type Members, object, optional, readOptions } from '../../options.ts';
import type { Result } from '../../result.ts';
import {
  type Authorization,
  type EvaluationInput,
  evaluate,
  evaluateWith,
  loadWorld,
  type World,
} from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import type { VerifiedToken } from './verified.ts';

/** Unless the caller passes limits, those that the token was read with apply. */
export type AuthorizeInput = Omit<EvaluationInput, 'blocks'>;

const INPUT: Members<AuthorizeInput> = {
  authorizer: object,
  facts: optional(list),
  limits: optional(object),
  externs: optional(object),
  regex: optional(object),
};

const inputFor = (token: VerifiedToken, input: AuthorizeInput): EvaluationInput => ({
  limits: token.limits,
  ...readOptions(input, 'authorize', INPUT),
  blocks: token.blocks,
});

/**
 * Evaluates every check of every block and the authorizer's policies. Keeps no state.
 *
 * @example
 * ```ts
 * import {
 *   authorize,
 *   generateKeyPair,
 *   mint,
 *   parseAuthorizer,
 *   parseBlock,
 *   verifyToken,
 * } from 'hewn/biscuit';
 *
 * const root = await generateKeyPair();
 * const block = parseBlock('right("reports/q3.md", "read")');
 * const authorizer = parseAuthorizer('allow if right("reports/q3.md", "read")');
 * if (!block.ok || !authorizer.ok) throw new Error('malformed');
 * const minted = await mint({ rootKey: root.privateKey, block: block.value });
 * if (!minted.ok) throw new Error(minted.error.code);
 * const verified = await verifyToken(minted.value, root.publicKey);
 * if (!verified.ok) throw new Error(verified.error.code);
 * const decision = authorize(verified.value, { authorizer: authorizer.value });
 * if (!decision.ok) throw new Error(decision.error.code);
 * ```
 */
export const authorize = (
  token: VerifiedToken,
  input: AuthorizeInput,
): Result<Authorization, BiscuitError> => evaluate(inputFor(token, input));

/**
 * Does the same for an authorizer that does not call `matches` itself. It then uses the regex
 * engine that the token was verified with, which is loaded only if a block calls `matches`. So the
 * edge does not load code that most tokens never use.
 */
export const authorizeChecks = (
  token: VerifiedToken,
  input: AuthorizeInput,
): Result<Authorization, BiscuitError> =>
  evaluateWith({ ...(token.regex && { regex: token.regex }), ...inputFor(token, input) });

/** Returns the token's world before any rule is applied, for `decide` and `query`. */
export const worldOf = (token: VerifiedToken, input: AuthorizeInput): Result<World, BiscuitError> =>
  loadWorld(inputFor(token, input));

/**
 * Does the same without a token, for facts and rules of the caller only, such as a policy that is
 * evaluated before a mint. No block of an untrusted party is involved.
 */
export const authorizeWithoutToken = (input: AuthorizeInput): Result<Authorization, BiscuitError> =>
  evaluate({ ...readOptions(input, 'authorizeWithoutToken', INPUT), blocks: [] });
