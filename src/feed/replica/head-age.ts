import type { Head } from '../format/head.ts';

/**
 * How old a head is at least, by what a wall clock that goes back cannot undo: how old it was when
 * it was opened and how long ago that is by the clock of `performance.now()`, and the newest time
 * that the log is known to have signed. Each head begins anew, so that a clock that was wrong and
 * is right again leaves nothing behind.
 */
export class HeadAge {
  #signedAt = 0;
  readonly #opened = new WeakMap<Head, { readonly seconds: number; readonly at: number }>();

  open(head: Head, nowSeconds: number): void {
    const seconds = Math.max(0, nowSeconds - head.issued_at);
    this.#opened.set(head, { seconds, at: performance.now() });
  }

  /** A head of this time was refused because it lies in the future. It is signed all the same. */
  sign(seconds: number): void {
    this.#signedAt = Math.max(this.#signedAt, seconds);
  }

  secondsMin(head: Head | undefined): number {
    if (!head) return 0;
    const opened = this.#opened.get(head);
    const passed = opened ? Math.floor((performance.now() - opened.at) / 1000) : 0;
    return Math.max((opened?.seconds ?? 0) + passed, this.#signedAt - head.issued_at);
  }
}
