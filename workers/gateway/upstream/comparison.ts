import type { Automaton } from './automaton.ts';

const RING = 1_024; // Above the depth of any state: a spelling has at most 256 bytes.
/** Base64 in a letter has two such bytes in a row. More of them end what seemed to match. */
const DROPPED_MAX = 64;

/**
 * Compares one form of a stream with what is looked for: in lower case, and without white space and
 * the zeros between the letters of UTF-16.
 */
export class Comparison {
  readonly #needles: Automaton;
  /** Where in the stream each of the last bytes that were compared began. */
  readonly #positions = new Float64Array(RING);
  #count = 0;
  #dropped = 0;
  state = 0;
  hasMatched = false;

  constructor(needles: Automaton) {
    this.#needles = needles;
  }

  push(byte: number, position: number): void {
    const normal = NORMAL[byte] ?? 0;
    if (normal === 0) {
      this.#dropped += 1;
      if (this.#dropped > DROPPED_MAX) this.state = 0;
      return;
    }
    this.#dropped = 0;
    this.state = this.#needles.step(this.state, normal);
    this.#positions[this.#count % RING] = position;
    this.#count += 1;
    if (this.state !== 0 && this.#needles.isMatch(this.state)) this.hasMatched = true;
  }

  /** Returns where the last `depth` bytes began; undefined for none. */
  startOf(depth: number): number | undefined {
    return depth === 0 ? undefined : this.#positions[(this.#count - depth) % RING];
  }

  /** Continues where another comparison is. */
  copy(other: Comparison): void {
    const depth = this.#needles.depths[other.state] ?? 0;
    for (let count = other.#count - depth; count < other.#count; count++) {
      this.#positions[count % RING] = other.#positions[count % RING] ?? 0;
    }
    this.#count = other.#count;
    this.#dropped = other.#dropped;
    this.state = other.state;
  }
}

/** The byte that each byte is compared as; 0 for one that is dropped. */
const NORMAL = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return 0;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
});

/** Returns the bytes of a text as they are compared. */
export const normalForm = (text: Uint8Array): Uint8Array =>
  text.map((byte) => NORMAL[byte] ?? 0).filter((byte) => byte !== 0);
