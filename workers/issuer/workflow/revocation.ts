import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import type { RevokeRequest } from './contract.ts';
import type { Intent } from './intents.ts';
import { attributionOf, type WorkflowRow } from './rows.ts';

/** Of the record: what is revoked is revoked once. */
export const revocationId = (workflow: string, target: string): string =>
  `revocation.${workflow}.${target}`;

/** A revocation that moves no workflow: of a block, or of what is unknown or has ended already. */
export function revocationOf(
  workflow: string,
  { actor, reason, block }: RevokeRequest,
  row: WorkflowRow | undefined,
  at: number,
): Intent {
  const kind = block === undefined ? 'workflow' : 'block';
  const target = block ?? workflow;
  const now = Math.floor(at / 1000);
  // Where its end is not known, no token outlives the longest lifetime there is.
  const ends = row?.life.tokensEnd ?? now + CAPABILITY_SECONDS_MAX;
  return {
    target,
    record: {
      event: 'revocation',
      id: revocationId(workflow, target),
      at,
      ...attributionOf(row, workflow),
      kind,
      target,
      actor,
      reason,
    },
    word: { kind, id: target, at: now, expires: ends + CLOCK_SKEW_SECONDS_MAX },
  };
}
