import type { PartDigest, RecordBase } from './record-base.ts';

/**
 * What was refused within a minute, where it is not a record each: to callers that nobody was
 * proven to be, or to one agent beyond its share. What a stranger wrote is in it as a digest at
 * most.
 */
export interface RefusalsRecord extends RecordBase {
  readonly event: 'refusals';
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** By reason, most first; those beyond a bound are together under `other`. */
  readonly reasons: readonly {
    /** `token` at the token endpoint, `call` at a verifier. */
    readonly at: 'token' | 'call';
    readonly code: string;
    readonly count: number;
  }[];
  /** The first of some reasons, as it would have been recorded. */
  readonly samples: readonly RefusalSample[];
}

/** What the issuer or a verifier said itself; what the caller wrote is there as a digest. */
export interface RefusalSample {
  readonly [member: string]: string | number | boolean | null | PartDigest;
}
