import type { UnixSeconds } from '../../../src/clock.ts';
import { type FeedEntry, NEVER_EXPIRES, type Watermark } from '../../../src/feed/index.ts';

const LIFT_KEPT_SECONDS = 31 * 24 * 3_600; // A point-in-time restore reaches back 30 days.

interface DraftTimes {
  readonly at: UnixSeconds;
  /** No token that the entry could stop is alive after this time. */
  readonly expires: UnixSeconds;
}

/** Stops or resumes one workflow, or revokes one block. */
export type StopDraft = DraftTimes &
  (
    | { readonly kind: 'workflow' | 'block'; readonly id: string }
    /** `gen`: the generation of the tokens that it stops, which distinguishes two suspensions. */
    | { readonly kind: 'suspension'; readonly id: string; readonly gen: number }
    /** `gen`: the generation of the tokens that become valid again. */
    | { readonly kind: 'resumption'; readonly id: string; readonly gen: number }
  );

/** Stops everything in a scope that was issued before a time. */
export type WatermarkDraft = DraftTimes & {
  readonly kind: 'watermark';
  /** `seq` of the withdrawal before it, so the same watermark can be set again after it. */
  readonly after?: number | undefined;
} & Watermark;

type Scoped = Pick<Watermark, 'scope' | 'value'>;

/** Withdraws the watermarks of a scope. `after` is the `seq` of the newest one. */
export type WithdrawalDraft = DraftTimes & {
  readonly kind: 'withdrawal';
  readonly after: number;
} & Scoped;

/**
 * Sets or lifts a denial. `id` is the denial's own, so a scope can be denied and lifted any number
 * of times.
 */
export type DenialDraft = Pick<DraftTimes, 'at'> & { readonly id: string } & (
    | ({ readonly kind: 'denial' } & Watermark)
    | ({ readonly kind: 'lift' } & Scoped)
  );

/** An entry that is to be appended. The log gives it its position. */
export type EntryDraft = StopDraft | WatermarkDraft | WithdrawalDraft | DenialDraft;

/**
 * Returns the key that makes appending idempotent: a draft that is appended twice, or retried, is
 * one entry. It is stored as `ordered`.
 */
export function draftKey(draft: EntryDraft): string {
  switch (draft.kind) {
    case 'workflow':
    case 'block':
      return `${draft.kind} ${draft.id}`;
    case 'suspension':
    case 'resumption':
      return `${stopKey(draft.id)}${draft.gen} ${draft.kind}`;
    case 'watermark': {
      const { scope, before, after, value } = draft;
      const again = after === undefined ? '' : ` after ${after}`;
      return `${draft.kind} ${scope} ${before}${again} ${value}`;
    }
    case 'withdrawal':
      return `${draft.kind} ${draft.scope} ${draft.after} ${draft.value}`;
    case 'denial':
    case 'lift':
      return `${draft.kind} ${draft.scope} ${draft.id} ${draft.value}`;
  }
}

/** No root key has this name, so the withdrawal of its watermarks takes back nothing. */
const NO_KEY = 'none';

/**
 * Returns an entry for a change of a head that has none of its own, such as another root key. Every
 * release reads it as the withdrawal of a watermark that does not exist.
 */
export const changeAfter = (seq: number, now: UnixSeconds): WithdrawalDraft => ({
  kind: 'withdrawal',
  scope: 'issuer_key',
  value: NO_KEY,
  after: seq,
  at: now,
  expires: now,
});

/** What `LIKE` finds the keys of these entries with. */
export const CHANGES = `withdrawal issuer_key % ${NO_KEY}`;

/** Returns the prefix of the keys of every suspension and resumption of a workflow. */
export const stopKey = (id: string): string => `stop ${id} `;

/** Returns the entry of a draft at a position. */
export function toEntry(draft: EntryDraft, seq: number): FeedEntry {
  const expires = 'expires' in draft ? draft.expires : NEVER_EXPIRES;
  const position = { seq, at: draft.at, expires };
  switch (draft.kind) {
    case 'workflow':
    case 'block':
    case 'suspension':
      return { kind: draft.kind, ...position, id: draft.id };
    case 'resumption':
      return { kind: draft.kind, ...position, id: draft.id, gen: draft.gen };
    case 'watermark':
    case 'denial': {
      const { kind, scope, value, before } = draft;
      return { kind, ...position, scope, value, before };
    }
    case 'withdrawal':
    case 'lift':
      return { kind: draft.kind, ...position, scope: draft.scope, value: draft.value };
  }
}

/**
 * Returns until when log and archive keep an entry. A lift outlives every point that its log can
 * be restored to: without it, a restored log would deny again what was lifted.
 */
export const keptUntil = ({ kind, at, expires }: FeedEntry): UnixSeconds =>
  kind === 'lift' ? at + LIFT_KEPT_SECONDS : expires;
