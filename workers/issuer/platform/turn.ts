/**
 * A turn of the event loop: from `begin` to the next `await`. Nothing else runs within a turn, so
 * what an object has read from its storage still holds.
 */
export class Turn {
  #isOpen = false;

  /** Whether the turn in which `begin` was called continues. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  begin(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    queueMicrotask(() => this.end());
  }

  /** Ends it early, after a transaction that failed. */
  end(): void {
    this.#isOpen = false;
  }
}
