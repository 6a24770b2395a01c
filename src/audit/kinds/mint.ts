import type { ArgumentConstraints, Budgets } from '../../capability/index.ts';
import type { ToolTier } from '../../catalogue/index.ts';
import type { UnixSeconds } from '../../clock.ts';
import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/** A grant as records contain it. */
export interface RecordedGrant {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
  readonly constraints?: ArgumentConstraints;
}

/** The approval that a mint used. */
export interface MintApproval {
  readonly id: string;
  readonly digest: string;
  readonly by: string;
  readonly until: UnixSeconds;
}

/** A capability that was minted. */
export interface MintRecord extends RecordBase {
  readonly event: 'mint';
  readonly blocks: readonly string[];
  readonly audience: string;
  readonly grants: readonly RecordedGrant[];
  /** Sinks of the granted tools that no constraint of the policy bounds. */
  readonly openSinks?: readonly {
    readonly tool: string;
    readonly pointer: string;
    /** The request's own constraints bound it; absent if nothing does. */
    readonly bound?: 'request';
    /** The policy's reason; absent if a person was asked. */
    readonly reason?: string;
  }[];
  /** Earlier actors from the subject token's `act`, newest first. They decide nothing. */
  readonly actors?: readonly string[];
  /** The request asked for more than the workflow had. */
  readonly stepUp?: true;
  /** The approval that was used, if the policy required one. */
  readonly approval?: MintApproval;
  /** The policy rule behind each grant, in the same order. */
  readonly rules: readonly string[];
  /** Requested grants that were refused. */
  readonly refused: readonly (RecordedGrant & { readonly code: string })[];
  /** The policy's tier and budgets for this mint. */
  readonly tier: ToolTier;
  readonly budgets: Budgets;
  readonly expires: UnixSeconds;
  /** The version of policy and catalogue that decided. Absent before release 0.3.0. */
  readonly version?: string;
  /** Thumbprint of the key that the capability is bound to; absent if it is unbound. */
  readonly holder?: string;
}

export const mintKind: RecordKind<MintRecord> = {
  from: 'issuer',
  classOf: () => 'grant',
  refusedParty: noRefusal,
  written: 'before the token is handed out',
  contents:
    'Audience, grants, the policy rule behind each, the approval that was used, refused grants, tier, budgets, expiry, the version that decided.',
};
