/** What an operator can deny, as `DENIAL_SCOPES` of the order's form and of the command. */
export const DENIAL_SCOPES = ['agent', 'subject', 'owner', 'tool'] as const;

export type DenialScope = (typeof DENIAL_SCOPES)[number];

/** Nothing is minted for what is denied, until it is lifted or its end comes. */
export interface Denial {
  readonly scope: DenialScope;
  /** As tokens have it. */
  readonly value: string;
  /** Unix seconds: what was issued before is stopped, and stays so. */
  readonly before: number;
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds of its end; absent: until an operator lifts it. */
  readonly until?: number;
  /** Absent where only its entry came back, from the archive of a log that was restored. */
  readonly reason?: string;
}

/** A token that is signed and not handed out yet. */
export interface AdmissionRequest {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  /** Public half of the root key that it is signed with, lower-case hex. */
  readonly issuerKey: string;
  readonly tools: readonly string[];
  /** Unix seconds, both. */
  readonly issuedAt: number;
  readonly expires: number;
}

/** What of a token is denied. */
export interface Denied {
  readonly scope: DenialScope;
  readonly value: string;
}

export interface Admitted {
  /** Empty where the token may be handed out. */
  readonly denied: readonly Denied[];
  /** Whether anything at all is denied: the next mint then asks before it signs. */
  readonly isDenying: boolean;
}

/** The denials that a token falls under; none where it may be handed out. */
export function denialsOf(
  denials: readonly Denial[],
  mint: Pick<AdmissionRequest, 'agent' | 'subject' | 'owner' | 'tools'>,
  nowSeconds: number,
): readonly Denied[] {
  return denials
    .filter((denial) => isInForce(denial, nowSeconds) && isUnder(denial, mint))
    .map(({ scope, value }) => ({ scope, value }));
}

export const isInForce = ({ until }: Denial, nowSeconds: number): boolean =>
  until === undefined || until > nowSeconds;

const isUnder = (
  { scope, value }: Denial,
  mint: Pick<AdmissionRequest, 'agent' | 'subject' | 'owner' | 'tools'>,
): boolean => (scope === 'tool' ? mint.tools.includes(value) : mint[scope] === value);

/** Why a denial, or not knowing of one, keeps a token from being minted. */
export type DeniedRefusal =
  /** An operator denies this party, or every tool that is asked for. */
  | { readonly code: 'denied_by_operator'; readonly cause: DenialScope }
  /** The log that has the denials does not answer: nothing is minted unread. */
  | { readonly code: 'denials_unavailable' };
