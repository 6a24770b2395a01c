/** A map that keeps what was touched last: a full one drops the entry that was touched first. */
export class RecentMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;
  #hasDropped = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether an entry was dropped, so that what is derived from the map is incomplete. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  /** Returns the entry of a key, which becomes the newest. Makes it if there is no such entry. */
  touch(key: string, make: () => V): V {
    const value = this.#entries.get(key) ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) {
      this.#entries.delete(oldest);
      this.#hasDropped = true;
    }
    return value;
  }

  /** All entries, the one that was touched first at the begin. */
  entries(): IterableIterator<[string, V]> {
    return this.#entries.entries();
  }
}
