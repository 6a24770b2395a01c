/** The decision on a verified token. No other kind of token is accepted. */
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

/** The limits are those that the token was read with, unless others are given. */
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

/** Evaluates every check of every block and the authorizer's policies; nothing of it is kept. */
export const authorize = (
  token: VerifiedToken,
  input: AuthorizeInput,
): Result<Authorization, BiscuitError> => evaluate(inputFor(token, input));

/**
 * The same for an authorizer that does not call `matches` itself. The engine for it is then the one
 * that the token was verified with, which has it where a block of the token calls it: what decides
 * at the edge is smaller by what most tokens never use.
 */
export const authorizeChecks = (
  token: VerifiedToken,
  input: AuthorizeInput,
): Result<Authorization, BiscuitError> =>
  evaluateWith({ ...(token.regex && { regex: token.regex }), ...inputFor(token, input) });

/** The token's world before anything is derived, for `decide` and `query`. */
export const worldOf = (token: VerifiedToken, input: AuthorizeInput): Result<World, BiscuitError> =>
  loadWorld(inputFor(token, input));

/**
 * The same without a token: facts and rules of the caller alone, as where a policy is evaluated
 * before anything is minted. There is no block here that anybody could have slipped in.
 */
export const authorizeWithoutToken = (input: AuthorizeInput): Result<Authorization, BiscuitError> =>
  evaluate({ ...readOptions(input, 'authorizeWithoutToken', INPUT), blocks: [] });
