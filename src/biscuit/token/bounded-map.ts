/**
 * A map that forgets what was not asked for lately: two generations, each at most half of what is
 * allowed. When the young one is full it becomes the old one, and the old one is dropped; what is
 * asked for in the old one moves back. A hit in the young one writes nothing.
 */
export type Bounds = {
  readonly entriesMax: number;
  /** In the unit of the weights that `set` is given. */
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

  /** Keeps nothing that is larger than half of the whole. */
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
