import type { UnixMilliseconds } from '../../clock.ts';
import type { MarkKind } from '../mark-kind.ts';
import { plural } from '../plural.ts';
import { clockTime, readIso, span } from '../time.ts';

/** The position of an entry of the revocation log. */
export interface EntryPosition {
  readonly epoch: number;
  readonly seq: number;
}

/** A verifier as the issuer last heard of it. */
export interface HeardVerifier extends EntryPosition {
  readonly name: string;
  /** The server that it guards. */
  readonly audience?: string | undefined;
  /** Seconds since the verifier had a fresh head; absent if it is unknown. */
  readonly headAge?: number | undefined;
}

/** A verifier as the issuer reports it. */
interface ReportedVerifier extends EntryPosition {
  readonly name: string;
  readonly audience?: string | undefined;
  readonly shard: number;
  readonly seen_at: string;
  readonly head_age?: number | undefined;
}

/** Returns the shard of the revocation log that has the entries of a workflow. */
const shardOf = (workflow: string): number => Number(/^wf(\d+)_/.exec(workflow)?.[1] ?? 0);

/**
 * Returns the verifiers that follow the log of a workflow, with the age that their head has now.
 */
export const heardVerifiers = (
  verifiers: readonly ReportedVerifier[],
  workflow: string,
  now: UnixMilliseconds,
): readonly HeardVerifier[] =>
  verifiers
    .filter(({ shard }) => shard === shardOf(workflow))
    .map(({ name, audience, epoch, seq, seen_at, head_age }) => {
      const sinceSeen = Math.max(0, (now - (readIso(seen_at) ?? now)) / 1000);
      return {
        name,
        audience,
        epoch,
        seq,
        headAge: head_age === undefined ? undefined : head_age + sinceSeen,
      };
    });

/** A stop that was ordered, and the verifiers that have it so far. */
export interface StopProgress {
  readonly entry: EntryPosition;
  readonly orderedAt: UnixMilliseconds;
  /** When a verifier with a fresh head refuses each tier by itself. It is null if it is unknown. */
  readonly refusesBy: Readonly<Record<1 | 2, UnixMilliseconds | null>>;
  readonly verifiers: readonly HeardVerifier[];
  /** When each verifier was first seen with the entry. */
  readonly confirmedAt: ReadonlyMap<string, UnixMilliseconds>;
}

const hasEntry = ({ epoch, seq }: EntryPosition, entry: EntryPosition): boolean =>
  epoch > entry.epoch || (epoch === entry.epoch && seq >= entry.seq);

/** Takes what the issuer now knows of its verifiers. A confirmation is never taken back. */
export function observeVerifiers(
  progress: StopProgress,
  verifiers: readonly HeardVerifier[],
  now: UnixMilliseconds,
): StopProgress {
  const confirmedAt = new Map(progress.confirmedAt);
  for (const verifier of verifiers) {
    if (!confirmedAt.has(verifier.name) && hasEntry(verifier, progress.entry)) {
      confirmedAt.set(verifier.name, now);
    }
  }
  // A verifier that is no longer listed still counts: it had the tokens of this workflow.
  const names = new Set(verifiers.map(({ name }) => name));
  const gone = progress.verifiers.filter(({ name }) => !names.has(name));
  return { ...progress, verifiers: [...verifiers, ...gone], confirmedAt };
}

/** One verifier in the dialog. */
export interface StopRow {
  readonly name: string;
  /** The server that it guards, which people know better than its name. */
  readonly audience?: string | undefined;
  readonly mark: MarkKind;
  readonly words: string;
  readonly standing: 'confirmed' | 'refuses by itself' | 'waiting';
}

/**
 * Returns when a verifier refuses calls of a tier by itself, because its head is too old by then.
 * A head that was signed after the entry would have it, so the head of a verifier that does not is
 * at least as old as the order.
 */
function refusesAt(
  tier: 1 | 2,
  { headAge }: HeardVerifier,
  { orderedAt, refusesBy }: StopProgress,
  now: UnixMilliseconds,
): UnixMilliseconds | undefined {
  const latest = refusesBy[tier];
  if (latest === null || headAge === undefined) return latest ?? undefined;
  return Math.min(latest, now - headAge * 1000 + (latest - orderedAt));
}

function rowOf(
  verifier: HeardVerifier,
  progress: StopProgress,
  now: UnixMilliseconds,
  zone: string | undefined,
): StopRow {
  const { name, headAge } = verifier;
  const confirmed = progress.confirmedAt.get(name);
  if (confirmed !== undefined) {
    const after = Math.max(0, confirmed - progress.orderedAt);
    const time = after < 10_000 ? `${(after / 1000).toFixed(1)} s` : span(after);
    return { name, mark: 'ok', words: `refuses, ${time} after the order`, standing: 'confirmed' };
  }
  const [writes, reads] = [
    refusesAt(2, verifier, progress, now),
    refusesAt(1, verifier, progress, now),
  ];
  const heard = headAge === undefined ? '' : `, which is ${span(headAge * 1000)} old,`;
  if (reads !== undefined && reads <= now) {
    return {
      name,
      mark: 'ok',
      words: `refuses tiers 1 to 3 by itself: its head${heard} is too old`,
      standing: 'refuses by itself',
    };
  }
  const latest = [
    writes !== undefined &&
      (writes <= now ? 'refuses writes already' : `refuses writes by ${clockTime(writes, zone)}`),
    reads !== undefined && `internal reads by ${clockTime(reads, zone)}`,
  ].filter(Boolean);
  const words =
    latest.length === 0 ? 'has not confirmed yet' : `${latest.join(', ')} at the latest`;
  return { name, mark: 'wait', words, standing: 'waiting' };
}

/** What the dialog shows. */
export interface StopView {
  readonly headline: string;
  readonly rows: readonly StopRow[];
  /** Nothing more is waited for, so the page polls at its usual pace again. */
  readonly isDone: boolean;
}

/** Returns the count of a stop as the dialog shows it. */
export function stopView(progress: StopProgress, now: UnixMilliseconds, zone?: string): StopView {
  const { entry, verifiers } = progress;
  const rows = verifiers.map((verifier) => ({
    ...rowOf(verifier, progress, now, zone),
    audience: verifier.audience,
  }));
  const count = (standing: StopRow['standing']): number =>
    rows.filter((row) => row.standing === standing).length;
  const inFeed = `In the feed as entry ${entry.seq}.`;
  if (rows.length === 0) {
    return {
      headline: `${inFeed} No verifier was heard of lately, so none can confirm.`,
      rows,
      isDone: true,
    };
  }
  const [confirmed, byItself, waiting] = [
    count('confirmed'),
    count('refuses by itself'),
    count('waiting'),
  ];
  const rest =
    byItself > 0
      ? ` ${plural(byItself, 'other refuses', 'others refuse')} by a head that is too old.`
      : '';
  const headline =
    confirmed === rows.length
      ? `${inFeed} ${rows.length === 1 ? 'The verifier has' : `All ${rows.length} verifiers have`} confirmed.`
      : `${inFeed} ${confirmed} of ${plural(rows.length, 'verifier')} confirmed.${rest}`;
  return { headline, rows, isDone: waiting === 0 };
}
