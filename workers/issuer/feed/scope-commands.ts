import type { AuditRecord, DenialRecord } from '../../../src/audit/index.ts';
import { NEVER_EXPIRES, type Watermark } from '../../../src/feed/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { DenialScope } from './denial.ts';
import type { StoredDenial } from './denials.ts';
import type { LogEntries } from './entries.ts';
import type { EntryDraft, WatermarkDraft } from './entry-draft.ts';
import { hasRoomFor } from './watermarks.ts';

export const DENIALS_MAX = 256; // Each mint reads all of them; more is a matter of the policy.

/** Entries of one order, with the record that is owed of them. */
export interface ScopeDecision {
  readonly orders: readonly EntryDraft[];
  readonly record: AuditRecord;
  /** What else is stored with them, in one transaction. */
  readonly also?: () => void;
}

export type WatermarkRefusal = { readonly code: 'watermarks_full' };
export type WithdrawalRefusal =
  | { readonly code: 'watermark_unknown' }
  /** `until`, in unix seconds: a token that it could hit may live until then. */
  | { readonly code: 'watermark_needed'; readonly until: number };
export type DenialRefusal = WatermarkRefusal | { readonly code: 'denials_full' };
export type LiftRefusal =
  | { readonly code: 'denial_unknown' }
  /** What gives power back is recorded first, and the audit log does not answer. */
  | { readonly code: 'audit_unavailable' };

export interface DenyCommand {
  /** Unique; the same order again is the same denial. */
  readonly id: string;
  readonly scope: DenialScope;
  readonly value: string;
  readonly until?: number;
  readonly reason: string;
  readonly actor: string;
}

type Who = Pick<DenialRecord, 'actor' | 'reason'>;

/** What an operator orders of a scope, as entries of the log. Each method decides; none stores. */
export class ScopeCommands {
  readonly #entries: LogEntries;

  constructor(entries: LogEntries) {
    this.#entries = entries;
  }

  watermark(
    order: WatermarkDraft,
    record: AuditRecord,
    now: number,
  ): Result<ScopeDecision, WatermarkRefusal> {
    if (!hasRoomFor(order, this.#entries.listed(now))) {
      return refuse({ code: 'watermarks_full' });
    }
    const after = this.#entries.watermarks.newest('withdrawal', order, now)?.seq;
    return ok({ orders: [{ ...order, after }], record });
  }

  /** Refused while a living token could name the scope: a fresh verifier would let it pass. */
  withdrawal(
    { scope, value }: Pick<Watermark, 'scope' | 'value'>,
    record: AuditRecord,
    now: number,
  ): Result<ScopeDecision, WithdrawalRefusal> {
    const inForce = this.#entries.watermarks
      .inForce(now)
      .find((one) => one.scope === scope && one.value === value);
    const newest = this.#entries.watermarks.newest('watermark', { scope, value }, now);
    if (!inForce || !newest) return refuse({ code: 'watermark_unknown' });
    const until = this.#entries.named.until(scope, value, now);
    if (until !== undefined) return refuse({ code: 'watermark_needed', until });
    const { expires } = inForce;
    const order = { kind: 'withdrawal', at: now, expires, scope, value } as const;
    return ok({ orders: [{ ...order, after: newest.seq }], record });
  }

  /**
   * A denial, and with it the watermark that stops what is out. Not for a tool: its calls are what
   * is denied, and a token that grants it goes on with the others.
   */
  denial(
    { id, scope, value, until, reason, actor }: DenyCommand,
    { now, after }: { readonly now: number; readonly after: number },
  ): Result<ScopeDecision & { readonly before: number }, DenialRefusal> {
    const { denials } = this.#entries;
    if (!denials.find(scope, value) && denials.all().length >= DENIALS_MAX) {
      return refuse({ code: 'denials_full' });
    }
    // Of this very second as well, and of any second in which a mint was let through.
    const before = Math.max(now, after, this.#entries.state.issuedAt) + 1;
    const mark = { scope, value, before };
    const denial = { kind: 'denial', id, at: now, ...mark } as const;
    const expires = before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
    const isTool = scope === 'tool';
    const place = { ...mark, expires: isTool ? NEVER_EXPIRES : expires };
    if (!hasRoomFor(place, this.#entries.listed(now))) return refuse({ code: 'watermarks_full' });
    const newest = this.#entries.watermarks.newest('withdrawal', mark, now)?.seq;
    const stop = { kind: 'watermark', at: now, expires, ...mark, after: newest } as const;
    const described = { reason, ...(until !== undefined && { until }) };
    return ok({
      before,
      orders: isTool ? [denial] : [stop, denial],
      record: recordOf('set', { ...mark, ...described, actor }, `denial.${id}`, now),
      also: () => denials.describe(`denial ${scope} ${id} ${value}`, described),
    });
  }

  lift(
    { scope, value }: { readonly scope: string; readonly value: string },
    who: Who,
    now: number,
  ): Result<ScopeDecision, LiftRefusal> {
    const denial = this.#entries.denials.find(scope, value);
    return denial ? ok(liftOf(denial, 'lifted', who, now)) : refuse({ code: 'denial_unknown' });
  }

  /** The lifts of those whose end has come. */
  ends(now: number): readonly ScopeDecision[] {
    const who = { actor: 'clock', reason: 'its end has come' };
    return this.#entries.denials.over(now).map((denial) => liftOf(denial, 'ended', who, now));
  }
}

function liftOf(
  { scope, value, ordered, before, until }: StoredDenial,
  change: 'lifted' | 'ended',
  who: Who,
  now: number,
): ScopeDecision {
  // The id of the denial, so that it is lifted once, whoever comes first.
  const [, , id = ''] = ordered.split(' ', 3);
  const what = { scope, value, before, ...(until !== undefined && { until }) };
  return {
    orders: [{ kind: 'lift', id, at: now, scope, value }],
    record: recordOf(change, { ...what, ...who }, `denial.${id}.lifted`, now),
  };
}

const recordOf = (
  change: DenialRecord['change'],
  what: Omit<DenialRecord, 'event' | 'id' | 'at' | 'change'>,
  id: string,
  now: number,
): DenialRecord => ({ event: 'denial', id, at: now * 1000, change, ...what });
