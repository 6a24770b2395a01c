/** What a call brings to attest its values. None of it counts before a verifier has checked it. */

/** The request of the user, whose digest the token has. */
export interface AttachedPrompt {
  readonly text: string;
  /** 16 bytes in base64url. */
  readonly salt: string;
}

/** One value that a gateway attests to have served, and the receipt that proves it. */
export interface AttachedLeaf {
  /** The signed receipt, as the gateway wrote it. */
  readonly receipt: string;
  /** The place of the leaf in the receipt's list, counted from 0. */
  readonly index: number;
  /** RFC 6901 pointer into the answer, with every index and key written out. */
  readonly pointer: string;
  readonly value: string | number;
  /** In base64url. */
  readonly salt: string;
}

/** Everything that a call brings. */
export interface Attached {
  readonly prompt?: AttachedPrompt;
  readonly leaves?: readonly AttachedLeaf[];
}

/** How the values of a call were attested, for its record. */
export interface Provenance {
  /** The origins of the arguments, other than their own values. */
  readonly used: readonly UsedOrigin[];
  /** What was attached and did not count, and why. A call is never denied for it. */
  readonly ignored: readonly IgnoredPart[];
  /** The labels of the receipts that count: the workflow has read what carries them. */
  readonly labels?: readonly string[];
}

export interface UsedOrigin {
  /** RFC 6901, into the arguments. */
  readonly pointer: string;
  readonly origin: string;
}

export interface IgnoredPart {
  /** What it is about, such as `prompt` or `leaf 3`. */
  readonly part: string;
  readonly why: string;
}
