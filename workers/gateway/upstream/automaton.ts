/**
 * Finds any of several byte strings in a stream, in one step per byte (Aho and Corasick). The table
 * has a column for each byte that occurs in a string, and one for all others.
 */
export class Automaton {
  readonly #columnOf: Uint8Array;
  readonly #columns: number;
  readonly #next: Uint16Array;
  /** How many bytes of a string the state has seen. */
  readonly depths: Uint16Array;
  readonly #isMatch: Uint8Array;

  constructor(strings: readonly Uint8Array[]) {
    this.#columnOf = columnsOf(strings);
    this.#columns = Math.max(...this.#columnOf) + 1;
    const size = strings.reduce((sum, { length }) => sum + length, 1);
    if (size > STATES_MAX) throw new Error('too many bytes to look for');
    this.#next = new Uint16Array(size * this.#columns);
    this.depths = new Uint16Array(size);
    this.#isMatch = new Uint8Array(size);
    const states = this.#addStrings(strings);
    this.#addFailures(states);
  }

  step(state: number, byte: number): number {
    return this.#next[state * this.#columns + (this.#columnOf[byte] ?? 0)] ?? 0;
  }

  isMatch(state: number): boolean {
    return this.#isMatch[state] === 1;
  }

  #addStrings(strings: readonly Uint8Array[]): number {
    let states = 1;
    for (const bytes of strings) {
      let state = 0;
      for (const byte of bytes) {
        const at = state * this.#columns + (this.#columnOf[byte] ?? 0);
        if (this.#next[at] === 0) {
          this.#next[at] = states;
          this.depths[states] = (this.depths[state] ?? 0) + 1;
          states += 1;
        }
        state = this.#next[at] ?? 0;
      }
      this.#isMatch[state] = 1;
    }
    return states;
  }

  /** Fills in where a state goes when its string does not continue, in the order of the depths. */
  #addFailures(states: number): void {
    const failures = new Uint16Array(states);
    const queue: number[] = [];
    for (let column = 0; column < this.#columns; column++) {
      const child = this.#next[column] ?? 0;
      if (child !== 0) queue.push(child);
    }
    for (const state of queue) {
      const failure = failures[state] ?? 0;
      if (this.#isMatch[failure] === 1) this.#isMatch[state] = 1;
      for (let column = 0; column < this.#columns; column++) {
        const at = state * this.#columns + column;
        const otherwise = this.#next[failure * this.#columns + column] ?? 0;
        const child = this.#next[at] ?? 0;
        if (child === 0) this.#next[at] = otherwise;
        else {
          failures[child] = otherwise;
          queue.push(child);
        }
      }
    }
  }
}

const STATES_MAX = 0xffff;

function columnsOf(strings: readonly Uint8Array[]): Uint8Array {
  const columns = new Uint8Array(256);
  let last = 0;
  for (const byte of new Set(strings.flatMap((each) => [...each]))) columns[byte] = ++last;
  return columns;
}
