import type { UnixSeconds } from '../../clock.ts';
import type { Watermark } from './watermark.ts';

/**
 * `expires` of an entry that holds until another entry ends it: the largest value of six bytes. A
 * reader from before denials reads such an entry as a watermark, and must not forget it early.
 */
export const NEVER_EXPIRES: UnixSeconds = 2 ** 48 - 1;

interface EntryPosition {
  /** Starts at 1, has no gaps, and is never reused, not even in a later epoch. */
  readonly seq: number;
  readonly at: UnixSeconds;
  /** No token that this entry could stop is valid after this time, so it is not kept longer. */
  readonly expires: UnixSeconds;
}

/** Revokes a workflow and its children, whose tokens name it as an ancestor. */
export interface WorkflowEntry extends EntryPosition {
  readonly kind: 'workflow';
  readonly id: string;
}

/** Revokes one block and every token narrowed from it. */
export interface BlockEntry extends EntryPosition {
  readonly kind: 'block';
  /** The revocation id of the block, in lower-case hex. */
  readonly id: string;
}

/** Stops a workflow and its children until a resumption follows. */
export interface SuspensionEntry extends EntryPosition {
  readonly kind: 'suspension';
  readonly id: string;
}

/**
 * Ends a suspension. Tokens of the workflow itself with a smaller `gen` stay invalid, so a token
 * that a suspended agent still holds never works again. It expires no earlier than its suspension:
 * a verifier that learns of one must learn of the other.
 */
export interface ResumptionEntry extends EntryPosition {
  readonly kind: 'resumption';
  readonly id: string;
  readonly gen: number;
}

/** Stops every token of a scope that was issued before a time. */
export interface WatermarkEntry extends EntryPosition, Watermark {
  readonly kind: 'watermark';
}

/**
 * Removes the earlier watermarks of one scope and value from the head. The log appends one only if
 * no unexpired token could match them, so a replica has nothing to undo.
 */
export interface WithdrawalEntry extends EntryPosition, Pick<Watermark, 'scope' | 'value'> {
  readonly kind: 'withdrawal';
}

/**
 * Denies a scope until a lift. The issuer mints nothing for it, and verifiers refuse each call of a
 * denied tool, which the head lists. A reader from before denials reads it as a watermark: it stops
 * every token of the scope that was issued before the denial.
 */
export interface DenialEntry extends EntryPosition, Watermark {
  readonly kind: 'denial';
}

/** Ends the denial of one scope and value. Tokens that its watermark stopped stay stopped. */
export interface LiftEntry extends EntryPosition, Pick<Watermark, 'scope' | 'value'> {
  readonly kind: 'lift';
}

/**
 * One entry of the revocation log. Revocation is permanent: no entry undoes a `workflow`, a `block`
 * or a `watermark`.
 */
export type FeedEntry =
  | WorkflowEntry
  | BlockEntry
  | SuspensionEntry
  | ResumptionEntry
  | WatermarkEntry
  | WithdrawalEntry
  | DenialEntry
  | LiftEntry;

/** The name of a kind of entry. */
export type EntryKind = FeedEntry['kind'];

/** An entry of one kind. */
export type EntryOf<Kind extends EntryKind> = Extract<FeedEntry, { readonly kind: Kind }>;
