/** Counts the calls that wait for an answer, by the name of what bounds them. */
export class Slots {
  readonly #taken = new Map<string, number>();

  /**
   * Takes a slot, and returns the function that gives it back. Returns undefined if none is free.
   */
  take(name: string, bound: number): (() => void) | undefined {
    const taken = this.#taken.get(name) ?? 0;
    if (taken >= bound) return undefined;
    this.#taken.set(name, taken + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#taken.get(name) ?? 1) - 1;
      if (left > 0) this.#taken.set(name, left);
      else this.#taken.delete(name);
    };
  }
}
