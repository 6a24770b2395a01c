import type { UnixSeconds } from '../../../src/clock.ts';

/** What an operator can deny. `hewn deny` has the same list. */
export const DENIAL_SCOPES = ['agent', 'subject', 'owner', 'tool'] as const;

export type DenialScope = (typeof DENIAL_SCOPES)[number];

/** A scope that nothing is minted for, until the denial is lifted or ends. */
export interface Denial {
  readonly scope: DenialScope;
  /** As tokens spell it. */
  readonly value: string;
  /** Tokens that were issued before this time are stopped, even after a lift. */
  readonly before: UnixSeconds;
  readonly at: UnixSeconds;
  /** When it ends by itself; absent: only an operator lifts it. */
  readonly until?: UnixSeconds;
  /** Absent if only the entry came back, from the archive of a restored log. */
  readonly reason?: string;
}

/** A token that is signed and not handed out yet. */
export interface AdmissionRequest {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  /** Public half of the root key that signed it, in lower-case hex. */
  readonly issuerKey: string;
  readonly tools: readonly string[];
  readonly issuedAt: UnixSeconds;
  readonly expires: UnixSeconds;
}

/** A scope of a token that is denied. */
export interface Denied {
  readonly scope: DenialScope;
  readonly value: string;
}

export interface Admitted {
  /** Empty if the token may be handed out. */
  readonly denied: readonly Denied[];
  /** Whether any denial exists. If so, the next mint asks before it signs. */
  readonly isDenying: boolean;
}

/** Why a denial, or an unknown state of denials, prevents a mint. */
export type DeniedRefusal =
  /** An operator denies this party, or every requested tool. */
  | { readonly code: 'denied_by_operator'; readonly cause: DenialScope }
  /** The log that holds the denials does not answer, so nothing is minted. */
  | { readonly code: 'denials_unavailable' };

/** Returns the denials that match a token; an empty list if it may be handed out. */
export function denialsOf(
  denials: readonly Denial[],
  token: Pick<AdmissionRequest, 'agent' | 'subject' | 'owner' | 'tools'>,
  now: UnixSeconds,
): readonly Denied[] {
  return denials
    .filter((denial) => isInForce(denial, now) && matches(denial, token))
    .map(({ scope, value }) => ({ scope, value }));
}

export const isInForce = ({ until }: Denial, now: UnixSeconds): boolean =>
  until === undefined || until > now;

const matches = (
  { scope, value }: Denial,
  token: Pick<AdmissionRequest, 'agent' | 'subject' | 'owner' | 'tools'>,
): boolean => (scope === 'tool' ? token.tools.includes(value) : token[scope] === value);
