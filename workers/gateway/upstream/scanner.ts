import { concatBytes, utf8 } from '../../../src/encoding.ts';
import { Automaton } from './automaton.ts';
import { Comparison, normalForm } from './comparison.ts';
import { spellingsOf } from './needles.ts';
import { isEscape, Unescape } from './unescape.ts';

/** Prepares the search for secrets in all their spellings. Built once, used for each answer. */
export function needlesOf(secrets: readonly string[]): Automaton {
  const spellings = secrets.flatMap(spellingsOf).map(utf8);
  const forms = spellings.flatMap(undone).map(normalForm).filter(isLongEnough);
  // A spelling without escapes is the same at each level.
  return new Automaton([...new Map(forms.map((form) => [form.join(), form])).values()]);
}

/** One more than tools nest JSON in practice: text in a string of a text in a string. */
const LEVELS = 4;

/** A secret may look as if it had escapes, which are then undone in the stream too. */
function undone(spelling: Uint8Array): readonly Uint8Array[] {
  const forms = [spelling];
  for (let level = 0; level < LEVELS; level++) {
    const bytes: number[] = [];
    const undoing = new Unescape((byte) => bytes.push(byte));
    for (const [position, byte] of forms.at(-1)?.entries() ?? []) undoing.push(byte, position);
    undoing.end();
    forms.push(Uint8Array.from(bytes));
  }
  return forms;
}

/** A shorter form is found by chance. */
const isLongEnough = ({ length }: Uint8Array): boolean => length >= 6;

/**
 * Scans a stream for secrets, and releases each byte as soon as it cannot belong to one: nothing of
 * a secret that is found was released. What is held back is at most a partial match.
 *
 * The stream is compared as it is, and with its escapes undone up to four times. While
 * no escape is near, all of these are the same, and each byte takes one step.
 */
export class Scanner {
  readonly #depths: Uint16Array;
  /** The stream as it is, and behind each level of escapes. */
  readonly #comparisons: readonly [Comparison, ...Comparison[]];
  readonly #levels: readonly Unescape[];
  /** Whether only the first comparison is brought forward, because the others would be like it. */
  #isPlain = true;
  #position = 0;
  /** Bytes that are not released, which end at the position. */
  #held: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(needles: Automaton) {
    this.#depths = needles.depths;
    const behind = Array.from({ length: LEVELS }, () => new Comparison(needles));
    this.#comparisons = [new Comparison(needles), ...behind];
    const levels: Unescape[] = [];
    for (const comparison of [...behind].reverse()) {
      const [next] = levels;
      levels.unshift(
        new Unescape((byte, position) => {
          comparison.push(byte, position);
          next?.push(byte, position);
        }),
      );
    }
    this.#levels = levels;
  }

  /** Returns the bytes that can be passed on, or undefined if a secret was found. */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const start = this.#position;
    const [first, ...behind] = this.#comparisons;
    const [outermost] = this.#levels;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (this.#isPlain && isEscape(byte)) {
        for (const comparison of behind) comparison.copy(first);
        this.#isPlain = false;
      }
      first.push(byte, start + index);
      if (!this.#isPlain) {
        outermost?.push(byte, start + index);
        this.#isPlain = this.#areAlike();
      }
      if (first.hasMatched || (!this.#isPlain && this.#hasLeaked())) return undefined;
    }
    this.#position += chunk.length;
    return this.#release(chunk, this.#undecidedAt());
  }

  /** Returns the bytes that were held back until the end, or undefined if a secret was found. */
  end(): Uint8Array<ArrayBuffer> | undefined {
    for (const level of this.#levels) level.end();
    return this.#hasLeaked() ? undefined : this.#held;
  }

  #hasLeaked(): boolean {
    return this.#comparisons.some(({ hasMatched }) => hasMatched);
  }

  #areAlike(): boolean {
    return (
      this.#levels.every(({ pending }) => pending === undefined) &&
      this.#comparisons.every(({ state, hasMatched }) => state === 0 && !hasMatched)
    );
  }

  /** Where the first byte stands that may belong to a secret. */
  #undecidedAt(): number {
    const end = this.#position;
    const [first] = this.#comparisons;
    const compared = this.#isPlain ? [first] : this.#comparisons;
    const partial = compared.map((each) => each.startOf(this.#depths[each.state] ?? 0) ?? end);
    return Math.min(end, ...partial, ...this.#levels.map(({ pending }) => pending ?? end));
  }

  #release(chunk: Uint8Array, upTo: number): Uint8Array<ArrayBuffer> {
    const all = this.#held.length === 0 ? chunk : concatBytes(this.#held, chunk);
    const count = all.length - (this.#position - upTo);
    this.#held = all.slice(count) as Uint8Array<ArrayBuffer>;
    return all.subarray(0, count) as Uint8Array<ArrayBuffer>;
  }
}
