import { SipHash } from '../format/siphash.ts';

/**
 * A set of 64-bit keyed fingerprints and the minute at which each expires. Typed arrays with open
 * addressing need 24 bytes for an entry; a `Set` of strings needs 85.
 */
export class FingerprintTable {
  #size = 0;
  #high = new Uint32Array(SLOTS_MIN);
  #low = new Uint32Array(SLOTS_MIN);
  /** The minute; 0 if the slot is free. */
  #until = new Uint32Array(SLOTS_MIN);
  readonly #hash: SipHash;

  /** `key` has 16 bytes: the salt of a snapshot, or a secret of this process. */
  constructor(key: Uint8Array, expected = 0) {
    this.#hash = new SipHash(key);
    this.#resize(expected);
  }

  get size(): number {
    return this.#size;
  }

  has(id: Uint8Array, length: number): boolean {
    this.#hash.hash(id, length);
    return this.#until[this.#slot(this.#hash.high, this.#hash.low)] !== 0;
  }

  add(id: Uint8Array, length: number, minute: number): void {
    this.#hash.hash(id, length);
    this.addFingerprint(this.#hash.high, this.#hash.low, minute);
  }

  /** Adds a fingerprint. Returns false if it exists already; then the later minute counts. */
  addFingerprint(high: number, low: number, minute: number): boolean {
    let slot = this.#slot(high, low);
    const until = this.#until[slot] ?? 0;
    if (until === 0) {
      if (this.#size >= this.#until.length * LOAD_MAX) {
        this.#resize(this.#size + 1);
        slot = this.#slot(high, low);
      }
      this.#high[slot] = high;
      this.#low[slot] = low;
      this.#size += 1;
    }
    this.#until[slot] = Math.max(until, minute);
    return until === 0;
  }

  /** Returns how many expire in this minute or later. */
  countFrom(minute: number): number {
    let count = 0;
    for (const until of this.#until) if (until !== 0 && until >= minute) count += 1;
    return count;
  }

  /** Removes those that expire before this minute. */
  dropBefore(minute: number): void {
    const live = this.countFrom(minute);
    if (live < this.#size) this.#resize(live, minute);
  }

  /** Returns the slot of the fingerprint, or the free slot where it belongs. */
  #slot(high: number, low: number): number {
    const last = this.#until.length - 1;
    let slot = low & last;
    while (this.#until[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) {
      slot = (slot + 1) & last;
    }
    return slot;
  }

  /** Makes room for `entries`, and moves those that expire in `minute` or later. */
  #resize(entries: number, minute = 0): void {
    let slots = SLOTS_MIN;
    while (entries > slots * LOAD_MAX) slots *= 2;
    const [high, low, until] = [this.#high, this.#low, this.#until];
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#until = new Uint32Array(slots);
    this.#size = 0;
    until.forEach((each, slot) => {
      if (each !== 0 && each >= minute) this.addFingerprint(high[slot] ?? 0, low[slot] ?? 0, each);
    });
  }
}

const SLOTS_MIN = 64;
/** At a higher load, runs of full slots grow long. */
const LOAD_MAX = 0.75;
