import type { UnixSeconds } from '../../../src/clock.ts';
import type { RecordCount } from '../../../src/feed/index.ts';
import { VERIFIERS_SEEN_SECONDS } from '../../../src/limits.ts';

const VERIFIERS_KNOWN_MAX = 20_000; // About 4 MB of the object's 128 MB.
const WAITING_NAMED_MAX = 20;

/** How far a verifier has applied the log, as it reports itself. */
export interface Confirmation {
  /** One process or one isolate. */
  readonly verifier: string;
  readonly epoch: number;
  readonly seq: number;
  /** How many records it has numbered, for each audit log. */
  readonly records?: readonly RecordCount[];
  /** The server that it guards: from its credential, or from the gateway of this account. */
  readonly audience?: string;
  readonly version?: string;
  /** In seconds. */
  readonly head_age?: number;
  /** Why its last attempt to read the feed failed. */
  readonly error?: string;
}

/** A verifier as it reported itself last. */
export interface KnownVerifier extends Omit<Confirmation, 'records'> {
  readonly at: UnixSeconds;
}

/** How many of the recently seen verifiers have applied the log up to a position. */
export interface Reach {
  /** Verifiers seen within the last five minutes. */
  readonly seen: number;
  readonly confirmed: number;
  /** The first few of those that have not confirmed. */
  readonly waiting: readonly string[];
}

/**
 * The newest confirmation of each verifier. It is kept in memory only: it shows which verifiers
 * exist, never which do not, and each verifier confirms again with every step of the log.
 */
export class Confirmations {
  /** Ordered by time, oldest first. */
  readonly #newest = new Map<string, Confirmation & { readonly at: UnixSeconds }>();

  note(confirmation: Confirmation, now: UnixSeconds): void {
    const { verifier } = confirmation;
    this.#newest.delete(verifier);
    this.#newest.set(verifier, { ...confirmation, at: now });
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > VERIFIERS_KNOWN_MAX && oldest !== undefined) {
      this.#newest.delete(oldest);
    }
  }

  /** Returns every verifier that is known, the one that was silent longest first. */
  all(): readonly KnownVerifier[] {
    return [...this.#newest.values()].map(({ records: _, ...known }) => known);
  }

  /** Returns the newest report of each recently seen verifier. */
  recent(now: UnixSeconds): readonly (Confirmation & { readonly at: UnixSeconds })[] {
    return [...this.#newest.values()].filter(({ at }) => now - at <= VERIFIERS_SEEN_SECONDS);
  }

  reachOf(position: { epoch: number; seq: number }, now: UnixSeconds): Reach {
    const seen = this.recent(now);
    const waiting = seen.filter(
      ({ epoch, seq }) =>
        epoch < position.epoch || (epoch === position.epoch && seq < position.seq),
    );
    return {
      seen: seen.length,
      confirmed: seen.length - waiting.length,
      waiting: waiting.slice(0, WAITING_NAMED_MAX).map(({ verifier }) => verifier),
    };
  }
}
