import type { UnixSeconds } from '../../clock.ts';
import type { Head } from '../format/head.ts';

/**
 * The minimum age of a head, which a wall clock that steps back cannot lower. It is the larger of
 * two values: its age when it was opened plus the time since by `performance.now()`, and the newest
 * time that the log has signed minus its own. Each head starts from its own age, so a clock that
 * was wrong and is right again has no lasting effect.
 */
export class HeadAge {
  #newestSigned: UnixSeconds = 0;
  /** `at` is on the clock of `performance.now()`. */
  readonly #opened = new WeakMap<Head, { readonly seconds: number; readonly at: number }>();

  open(head: Head, now: UnixSeconds): void {
    const seconds = Math.max(0, now - head.issued_at);
    this.#opened.set(head, { seconds, at: performance.now() });
  }

  /** Gives a head the age of another one, which says the same. */
  copy(from: Head, to: Head): void {
    const opened = this.#opened.get(from);
    if (opened) this.#opened.set(to, opened);
  }

  /** Notes a time that the log has signed in a head that was rejected as being from the future. */
  noteSigned(time: UnixSeconds): void {
    this.#newestSigned = Math.max(this.#newestSigned, time);
  }

  secondsMin(head: Head | undefined): number {
    if (!head) return 0;
    const opened = this.#opened.get(head);
    const passed = opened ? Math.floor((performance.now() - opened.at) / 1000) : 0;
    return Math.max((opened?.seconds ?? 0) + passed, this.#newestSigned - head.issued_at);
  }
}
