/**
 * A map that drops entries that were not read recently. It has two generations, each of at most
 * half the allowed size. When the young generation is full it becomes the old one, and the previous
 * old one is dropped. Reading an entry of the old generation moves it back. A hit in the young
 * generation writes nothing.
 */
export type Bounds = {
  readonly entriesMax: number;
  /** In the unit of the weights passed to `set`. */
  readonly bytesMax: number;
};

type Entry<V> = { readonly value: V; readonly bytes: number };

export class BoundedMap<K, V> {
  readonly #bounds: Bounds;
  #young = new Map<K, Entry<V>>();
  #old = new Map<K, Entry<V>>();
  #youngBytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.set(key, old.value, old.bytes);
    return old.value;
  }

  /** Ignores an entry that is larger than half the allowed size. */
  set(key: K, value: V, bytes: number): void {
    const { entriesMax, bytesMax } = this.#bounds;
    if (2 * bytes > bytesMax || entriesMax < 2) return;
    if (2 * (this.#young.size + 1) > entriesMax || 2 * (this.#youngBytes + bytes) > bytesMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#youngBytes += bytes - (this.#young.get(key)?.bytes ?? 0);
    this.#young.set(key, { value, bytes });
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
  }
}
