import type { AuditRecord, DenialRecord, OrderVia } from '../../../src/audit/index.ts';
import { toMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import { NEVER_EXPIRES, type Watermark } from '../../../src/feed/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { DenialScope } from './denial.ts';
import type { StoredDenial } from './denials.ts';
import type { LogEntries } from './entries.ts';
import type { EntryDraft, WatermarkDraft } from './entry-draft.ts';
import { hasRoomFor } from './watermarks.ts';

export const DENIALS_MAX = 256; // Every mint reads all of them. The policy is the place for more.

/** The entries of a command, and the audit record that is stored with them. */
export interface ScopeDecision {
  readonly drafts: readonly EntryDraft[];
  readonly record: AuditRecord;
  /** What else to store, in the same transaction. */
  readonly also?: () => void;
}

export type WatermarkRefusal = { readonly code: 'watermarks_full' };
export type WithdrawalRefusal =
  | { readonly code: 'watermark_unknown' }
  /** A token that it stops may live until `until`. */
  | { readonly code: 'watermark_needed'; readonly until: UnixSeconds };
export type DenialRefusal = WatermarkRefusal | { readonly code: 'denials_full' };
export type LiftRefusal =
  | { readonly code: 'denial_unknown' }
  /** A lift grants power, so it is recorded first, and the audit log does not answer. */
  | { readonly code: 'audit_unavailable' };

export interface DenyCommand {
  /** Unique: the same command again is the same denial. */
  readonly id: string;
  readonly scope: DenialScope;
  readonly value: string;
  readonly until?: UnixSeconds;
  readonly reason: string;
  readonly actor: string;
  readonly via?: OrderVia;
}

type By = Pick<DenialRecord, 'actor' | 'reason' | 'via'>;

/** Decides an operator's commands on scopes. Nothing is stored here. */
export class ScopeCommands {
  readonly #entries: LogEntries;

  constructor(entries: LogEntries) {
    this.#entries = entries;
  }

  watermark(
    draft: WatermarkDraft,
    record: AuditRecord,
    now: UnixSeconds,
  ): Result<ScopeDecision, WatermarkRefusal> {
    if (!hasRoomFor(draft, this.#entries.listed(now))) return refuse({ code: 'watermarks_full' });
    const after = this.#entries.watermarks.newest('withdrawal', draft, now)?.seq;
    return ok({ drafts: [{ ...draft, after }], record });
  }

  /** Refused while a living token may name the scope: a new verifier would accept the token. */
  withdrawal(
    { scope, value }: Pick<Watermark, 'scope' | 'value'>,
    record: AuditRecord,
    now: UnixSeconds,
  ): Result<ScopeDecision, WithdrawalRefusal> {
    const inForce = this.#entries.watermarks
      .inForce(now)
      .find((one) => one.scope === scope && one.value === value);
    const newest = this.#entries.watermarks.newest('watermark', { scope, value }, now);
    if (!inForce || !newest) return refuse({ code: 'watermark_unknown' });
    const until = this.#entries.named.until(scope, value, now);
    if (until !== undefined) return refuse({ code: 'watermark_needed', until });
    const { expires } = inForce;
    const draft = { kind: 'withdrawal', at: now, expires, scope, value } as const;
    return ok({ drafts: [{ ...draft, after: newest.seq }], record });
  }

  /**
   * A denial, with the watermark that stops earlier tokens. A denied tool has no watermark: its
   * calls are denied, and a token that grants it stays good for its other tools.
   *
   * `after` is the latest `issued_at` of an admitted token.
   */
  denial(
    { id, scope, value, until, reason, actor, via }: DenyCommand,
    { now, after }: { readonly now: UnixSeconds; readonly after: UnixSeconds },
  ): Result<ScopeDecision & { readonly before: UnixSeconds }, DenialRefusal> {
    const { denials } = this.#entries;
    if (!denials.find(scope, value) && denials.all().length >= DENIALS_MAX) {
      return refuse({ code: 'denials_full' });
    }
    // Covers this second, and every second in which a token was admitted.
    const before = Math.max(now, after, this.#entries.state.issuedAt) + 1;
    const mark = { scope, value, before };
    const denial = { kind: 'denial', id, at: now, ...mark } as const;
    const expires = before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
    const isTool = scope === 'tool';
    const listed = { ...mark, expires: isTool ? NEVER_EXPIRES : expires };
    if (!hasRoomFor(listed, this.#entries.listed(now))) return refuse({ code: 'watermarks_full' });
    const newest = this.#entries.watermarks.newest('withdrawal', mark, now)?.seq;
    const watermark = { kind: 'watermark', at: now, expires, ...mark, after: newest } as const;
    const described = { reason, ...(until !== undefined && { until }) };
    return ok({
      before,
      drafts: isTool ? [denial] : [watermark, denial],
      record: recordOf(
        'set',
        { ...mark, ...described, actor, ...(via && { via }) },
        `denial.${id}`,
        now,
      ),
      also: () => denials.describe(`denial ${scope} ${id} ${value}`, described),
    });
  }

  lift(
    { scope, value }: { readonly scope: string; readonly value: string },
    by: By,
    now: UnixSeconds,
  ): Result<ScopeDecision, LiftRefusal> {
    const denial = this.#entries.denials.find(scope, value);
    return denial ? ok(liftOf(denial, 'lifted', by, now)) : refuse({ code: 'denial_unknown' });
  }

  /** Returns the lifts of denials that have ended. */
  dueLifts(now: UnixSeconds): readonly ScopeDecision[] {
    const by = { actor: 'clock', reason: 'The denial reached its end.' };
    return this.#entries.denials.ended(now).map((denial) => liftOf(denial, 'ended', by, now));
  }
}

function liftOf(
  { scope, value, ordered, before, until }: StoredDenial,
  change: 'lifted' | 'ended',
  by: By,
  now: UnixSeconds,
): ScopeDecision {
  // The lift has the id of the denial, so the operator and the clock lift it once.
  const [, , id = ''] = ordered.split(' ', 3);
  const what = { scope, value, before, ...(until !== undefined && { until }) };
  return {
    drafts: [{ kind: 'lift', id, at: now, scope, value }],
    record: recordOf(change, { ...what, ...by }, `denial.${id}.lifted`, now),
  };
}

const recordOf = (
  change: DenialRecord['change'],
  what: Omit<DenialRecord, 'event' | 'id' | 'at' | 'change'>,
  id: string,
  now: UnixSeconds,
): DenialRecord => ({ event: 'denial', id, at: toMilliseconds(now), change, ...what });
