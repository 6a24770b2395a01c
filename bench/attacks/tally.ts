import type { Cost } from '../agent-authz-bench/index.ts';

/** What was minted, and how long mints and decisions took. */
export class Tally {
  readonly #bytes: number[] = [];
  readonly #mintMilliseconds: number[] = [];
  readonly #decisionMilliseconds: number[] = [];

  minted(bytes: number, milliseconds: number): void {
    this.#bytes.push(bytes);
    this.#mintMilliseconds.push(milliseconds);
  }

  decided(milliseconds: number): void {
    this.#decisionMilliseconds.push(milliseconds);
  }

  get summary(): Cost {
    return {
      tokens: this.#bytes.length,
      bytes: Math.round(median(this.#bytes)),
      mintMicroseconds: Math.round(1000 * median(this.#mintMilliseconds)),
      decisionMicroseconds: Math.round(1000 * median(this.#decisionMilliseconds)),
    };
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
