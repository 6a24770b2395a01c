import type { CheckedCall, VerifiedCapability } from '../../capability/index.ts';
import type { AttestedValue, IgnoredPart } from '../../provenance/index.ts';
import type { VerifierContext } from '../acceptance.ts';
import type { UsedApproval } from '../decision.ts';
import type { VerifyRequest } from '../verify-request.ts';

/** What an attester knows of a call. The token was accepted; what is attached is unverified. */
export interface AttestedCall {
  readonly token: VerifiedCapability;
  readonly request: VerifyRequest;
  readonly call: CheckedCall;
  readonly context: VerifierContext;
}

/** What one attester found. */
export interface Attestation {
  readonly values?: readonly AttestedValue[];
  /** Origins that all arguments of the call have. */
  readonly everywhere?: readonly string[];
  /** The approval of this call that was found. */
  readonly approval?: UsedApproval;
  readonly ignored?: readonly IgnoredPart[];
  /** Labels of what the workflow has read for certain. */
  readonly labels?: readonly string[];
}

/**
 * Checks one kind of attachment. It can only add origins: what it does not accept is ignored, and
 * says so.
 */
export type Attester = (call: AttestedCall) => Promise<Attestation>;
