/** Why the token endpoint refuses, and how each refusal is answered, explained and recorded. */
import { DECISION_REFUSALS, type DecisionRefusal } from './decision.ts';
import {
  type RefusalEntry,
  type RefusalTable,
  type WireRefusal,
  type WithCode,
  writeRefusal,
} from './entry.ts';
import { IDENTITY_REFUSALS, type IdentityRefusal } from './identity.ts';
import { ISSUANCE_REFUSALS, type IssuanceRefusal } from './issuance.ts';
import { REQUEST_REFUSALS, type RequestRefusal } from './request.ts';

export type { DecisionRefusal, ParentRefusal } from './decision.ts';
export { type RefusalEntry, type WireRefusal, writeRefusal } from './entry.ts';
export type { IdentityRefusal } from './identity.ts';
export { PRESENTED_TOKEN_REFUSALS, type PresentedTokenRefusal } from './presented-token.ts';
export type { RequestRefusal } from './request.ts';

/** Why the token endpoint refused, with the data of the refusal. */
export type TokenRefusal = RequestRefusal | IdentityRefusal | DecisionRefusal | IssuanceRefusal;

/** The causes of the refusals with this code. */
export type CauseOf<Code extends TokenRefusal['code']> =
  WithCode<TokenRefusal, Code> extends { readonly cause: infer Cause } ? Cause : never;

/** Every refusal code of the token endpoint, in the order of its steps. */
export const TOKEN_REFUSALS: RefusalTable<TokenRefusal> = {
  ...REQUEST_REFUSALS,
  ...IDENTITY_REFUSALS,
  ...DECISION_REFUSALS,
  ...ISSUANCE_REFUSALS,
};

/** Returns the entry of a refusal, which reads this refusal's own members. */
export const entryOf = <Refusal extends TokenRefusal>(refusal: Refusal): RefusalEntry<Refusal> =>
  // The table has the right entry for each code; TypeScript cannot follow a union through a lookup.
  TOKEN_REFUSALS[refusal.code] as unknown as RefusalEntry<Refusal>;

/** Returns the status, headers and body that the caller of the token endpoint receives. */
export const toWire = (refusal: TokenRefusal): WireRefusal =>
  writeRefusal(entryOf(refusal), refusal);
