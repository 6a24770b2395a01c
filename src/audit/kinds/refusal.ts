import type { UnixMilliseconds } from '../../clock.ts';
import {
  noRefusal,
  type PartDigest,
  type RecordBase,
  type RecordKind,
  refusedAgent,
} from './base.ts';
import type { RecordedGrant } from './mint.ts';

/** A token request that was refused. */
export interface RefusalRecord extends RecordBase {
  readonly event: 'refusal';
  /** The OAuth error. */
  readonly error: string;
  /** Our reason for it. */
  readonly code: string;
  /** The requested audience, and at most as many grants as one request may have. */
  readonly audience?: string;
  readonly grants?: readonly RecordedGrant[];
}

export const refusalKind: RecordKind<RefusalRecord> = {
  from: 'issuer',
  classOf: () => 'traffic',
  refusedParty: ({ agent }) => (agent === undefined ? 'stranger' : refusedAgent(agent)),
  written: 'after the answer',
  contents:
    'A refused token request of a proven agent: the OAuth error, `code`, and the requested audience and grants. At most sixty per agent and hour.',
};

/**
 * The refusals of one minute that have no record of their own: those of strangers, and those of one
 * agent beyond its share. A stranger's input is in it only as digests.
 */
export interface RefusalsRecord extends RecordBase {
  readonly event: 'refusals';
  readonly from: UnixMilliseconds;
  readonly to: UnixMilliseconds;
  readonly count: number;
  /** By reason, most frequent first. Reasons beyond a bound are counted as `other`. */
  readonly reasons: readonly {
    /** `token` at the token endpoint, `call` at a verifier. */
    readonly at: 'token' | 'call';
    readonly code: string;
    readonly count: number;
  }[];
  /** The first refusal for some of the reasons, as it would have been recorded. */
  readonly samples: readonly RefusalSample[];
}

/** A refusal with what the issuer or a verifier wrote; the caller's input is there as digests. */
export interface RefusalSample {
  readonly [member: string]: string | number | boolean | null | PartDigest;
}

export const refusalsKind: RecordKind<RefusalsRecord> = {
  from: 'issuer',
  classOf: () => 'traffic',
  refusedParty: noRefusal,
  written: 'when their minute is over',
  contents:
    'How many refusals strangers, or one agent beyond its sixty, received within a minute, by reason: see [Refusals](#refusals).',
};
