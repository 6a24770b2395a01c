import { type FeedEntry, NEVER_EXPIRES, type Watermark } from '../../../src/feed/index.ts';

const LIFT_KEPT_SECONDS = 31 * 24 * 3_600; // A restore takes a log back 30 days at most.

interface DraftTimes {
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds after which no token that it could hit is alive. */
  readonly expires: number;
}

/** Of one workflow or block. */
export type StopDraft = DraftTimes &
  (
    | { readonly kind: 'workflow' | 'block'; readonly id: string }
    /** `gen`: of the tokens that it stops, for that is what makes it another than the last one. */
    | { readonly kind: 'suspension'; readonly id: string; readonly gen: number }
    /** `gen`: of the tokens that live again. */
    | { readonly kind: 'resumption'; readonly id: string; readonly gen: number }
  );

/** Of everything in a scope. */
export type WatermarkDraft = DraftTimes & {
  readonly kind: 'watermark';
  /** The withdrawal that it comes after: the same watermark again is then another entry. */
  readonly after?: number | undefined;
} & Watermark;

type Scoped = Pick<Watermark, 'scope' | 'value'>;

/** `after`: the newest of the watermarks that it withdraws. */
export type WithdrawalDraft = DraftTimes & {
  readonly kind: 'withdrawal';
  readonly after: number;
} & Scoped;

/** Of one denial, by its id: the same scope is denied and lifted as often as an operator wants. */
export type DenialDraft = Pick<DraftTimes, 'at'> & { readonly id: string } & (
    | ({ readonly kind: 'denial' } & Watermark)
    | ({ readonly kind: 'lift' } & Scoped)
  );

/** What is to be written to the log; the log gives it its place. */
export type EntryDraft = StopDraft | WatermarkDraft | WithdrawalDraft | DenialDraft;

/** One text for one order: what is ordered twice, or retried, is one entry. */
export function draftKey(order: EntryDraft): string {
  switch (order.kind) {
    case 'workflow':
    case 'block':
      return `${order.kind} ${order.id}`;
    case 'suspension':
    case 'resumption':
      return `${stopKey(order.id)}${order.gen} ${order.kind}`;
    case 'watermark': {
      const { scope, before, after, value } = order;
      const again = after === undefined ? '' : ` after ${after}`;
      return `${order.kind} ${scope} ${before}${again} ${value}`;
    }
    case 'withdrawal':
      return `${order.kind} ${order.scope} ${order.after} ${order.value}`;
    case 'denial':
    case 'lift':
      return `${order.kind} ${order.scope} ${order.id} ${order.value}`;
  }
}

/** What the keys of all suspensions and resumptions of one workflow begin with. */
export const stopKey = (id: string): string => `stop ${id} `;

export function toEntry(order: EntryDraft, seq: number): FeedEntry {
  const expires = 'expires' in order ? order.expires : NEVER_EXPIRES;
  const position = { seq, at: order.at, expires };
  switch (order.kind) {
    case 'workflow':
    case 'block':
    case 'suspension':
      return { kind: order.kind, ...position, id: order.id };
    case 'resumption':
      return { kind: order.kind, ...position, id: order.id, gen: order.gen };
    case 'watermark':
    case 'denial': {
      const { kind, scope, value, before } = order;
      return { kind, ...position, scope, value, before };
    }
    case 'withdrawal':
    case 'lift':
      return { kind: order.kind, ...position, scope: order.scope, value: order.value };
  }
}

/**
 * Unix seconds until which log and archive keep an entry. A lift outlives every point that its log
 * can be restored to: without it, the restored log would deny again what was lifted.
 */
export const keptUntil = ({ kind, at, expires }: FeedEntry): number =>
  kind === 'lift' ? at + LIFT_KEPT_SECONDS : expires;
