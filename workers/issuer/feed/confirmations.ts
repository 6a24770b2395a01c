import type { RecordCount } from '../../../src/feed/index.ts';
import { VERIFIERS_SEEN_SECONDS } from '../../../src/limits.ts';

const VERIFIERS_KNOWN_MAX = 20_000; // Some 4 MB of the log's 128.

/** How far a verifier says that it has applied the log. */
export interface Confirmation {
  /** As it calls itself: one process or one isolate. */
  readonly verifier: string;
  readonly epoch: number;
  readonly seq: number;
  /** How many records it has numbered, for each log that they go to. */
  readonly records?: readonly RecordCount[];
}

/** Which of the verifiers that were heard of lately are how far. */
export interface Reach {
  /** Verifiers that were heard of within the last five minutes. */
  readonly seen: number;
  readonly confirmed: number;
  /** Of those that have not, the first few. */
  readonly waiting: readonly string[];
}

const WAITING_NAMED_MAX = 20;

/**
 * What verifiers have said of themselves, newest last. In memory alone: it says who is known to be
 * there, never who is not, and a verifier says it anew with every step of the log.
 */
export class Confirmations {
  readonly #heard = new Map<string, Confirmation & { readonly at: number }>();

  note(confirmation: Confirmation, nowSeconds: number): void {
    const { verifier } = confirmation;
    this.#heard.delete(verifier);
    this.#heard.set(verifier, { ...confirmation, at: nowSeconds });
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > VERIFIERS_KNOWN_MAX && oldest !== undefined) this.#heard.delete(oldest);
  }

  reachOf(position: { epoch: number; seq: number }, nowSeconds: number): Reach {
    const lately = [...this.#heard.values()].filter(
      ({ at }) => nowSeconds - at <= VERIFIERS_SEEN_SECONDS,
    );
    const waiting = lately.filter(
      ({ epoch, seq }) =>
        epoch < position.epoch || (epoch === position.epoch && seq < position.seq),
    );
    return {
      seen: lately.length,
      confirmed: lately.length - waiting.length,
      waiting: waiting.slice(0, WAITING_NAMED_MAX).map(({ verifier }) => verifier),
    };
  }
}
