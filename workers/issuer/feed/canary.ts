import { toMilliseconds, toSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import type { Confirmation, Confirmations } from './confirmations.ts';

/** The entry that stopped a canary workflow, and when its stop was answered. */
export interface CanaryEntry {
  readonly epoch: number;
  readonly seq: number;
  readonly at: UnixMilliseconds;
}

/** Begins to follow an entry, or asks about the one that is followed. */
export type CanaryQuestion =
  | { readonly ask: 'follow'; readonly entry: CanaryEntry }
  | {
      readonly ask: 'spread';
      readonly entry: Position;
      /** How long after the stop a verifier may report. */
      readonly boundMilliseconds: number;
    };

type Position = Pick<CanaryEntry, 'epoch' | 'seq'>;

/** How far the stop of a canary has spread to the verifiers that reported within five minutes. */
export interface CanarySpread extends CanaryEntry {
  /** Verifiers that have it, and how many milliseconds after the stop they reported that. */
  readonly confirmed: readonly { readonly verifier: string; readonly milliseconds: number }[];
  /** They reported an older position after the bound had passed: they are alive and late. */
  readonly behind: readonly string[];
  /** They have not reported since the bound. An isolate without calls ends and reports nothing. */
  readonly silent: readonly string[];
  /** They report entries that the log does not have: they followed another history. */
  readonly ahead: readonly string[];
}

/**
 * Follows one canary at a time: when each verifier first reported its entry. It is kept in memory,
 * like `Confirmations`: if the object ends, the run proves nothing, and raises no false alarm.
 */
export class CanaryWatch {
  readonly #confirmations: Confirmations;
  #entry: CanaryEntry | undefined;
  readonly #reached = new Map<string, number>();

  constructor(confirmations: Confirmations) {
    this.#confirmations = confirmations;
  }

  /** Returns the spread of the entry, if it is still followed. `end` is that of the log. */
  answer(question: CanaryQuestion, end: Position, now: UnixMilliseconds): CanarySpread | undefined {
    if (question.ask === 'follow') this.#follow(question.entry, now);
    const { epoch, seq } = question.entry;
    const entry = this.#entry;
    if (entry?.epoch !== epoch || entry.seq !== seq) return undefined;
    const bound = 'boundMilliseconds' in question ? question.boundMilliseconds : Infinity;
    return this.#spread(entry, bound, end, now);
  }

  /** Notes a report. Call it with each one. */
  note(confirmation: Confirmation, now: UnixMilliseconds): void {
    const { verifier } = confirmation;
    if (!this.#entry || this.#reached.has(verifier) || isBefore(confirmation, this.#entry)) return;
    this.#reached.set(verifier, Math.max(0, now - this.#entry.at));
  }

  #follow(entry: CanaryEntry, now: UnixMilliseconds): void {
    this.#entry = entry;
    this.#reached.clear();
    // One may have been faster than the answer to the stop.
    for (const one of this.#confirmations.recent(toSeconds(now))) this.note(one, entry.at);
  }

  #spread(
    entry: CanaryEntry,
    boundMilliseconds: number,
    end: Position,
    now: UnixMilliseconds,
  ): CanarySpread {
    const recent = this.#confirmations.recent(toSeconds(now));
    const missing = recent.filter(({ verifier }) => !this.#reached.has(verifier));
    // Reports have whole seconds: one of the second in which the bound passed may be before it.
    const isLate = ({ at }: { readonly at: number }): boolean =>
      toMilliseconds(at) > entry.at + boundMilliseconds;
    const names = (list: readonly Confirmation[]) => list.map(({ verifier }) => verifier);
    return {
      ...entry,
      confirmed: [...this.#reached].map(([verifier, milliseconds]) => ({ verifier, milliseconds })),
      behind: names(missing.filter(isLate)),
      silent: names(missing.filter((one) => !isLate(one))),
      ahead: names(recent.filter((one) => isBefore(end, one))),
    };
  }
}

const isBefore = (one: Position, other: Position): boolean =>
  one.epoch < other.epoch || (one.epoch === other.epoch && one.seq < other.seq);
