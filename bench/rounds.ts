/**
 * Paired, interleaved rounds. Every case runs once in each round, in a fresh random order, so a
 * machine whose speed drifts affects all cases alike. Cases are compared by their ratio within a
 * round; the report shows the median over the rounds.
 */

export interface Case {
  readonly name: string;
  /** Does the operation this many times. Returns the microseconds of CPU time that it took. */
  readonly spend: (operations: number) => Promise<number>;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly operationsPerRound: number;
  /** Of each case, before any is counted: both runtimes compile for about this long. */
  readonly warmOperations?: number;
  readonly progress?: (round: number) => void;
}

const WARM_OPERATIONS = 2_000;

/** A case in this process. Measures CPU time of the whole process, so crypto threads count. */
export const inProcess = (name: string, run: () => unknown): Case => ({
  name,
  spend: async (operations) => {
    const before = process.cpuUsage();
    for (let i = 0; i < operations; i++) await run();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  },
});

export async function measure(cases: readonly Case[], options: RoundOptions): Promise<Timings> {
  const { rounds, operationsPerRound, warmOperations = WARM_OPERATIONS, progress } = options;
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (let done = 0; done < warmOperations; done += operationsPerRound)
    for (const { spend } of cases) await spend(operationsPerRound);
  for (let round = 0; round < rounds; round++) {
    for (const { name, spend } of shuffled(cases))
      times.get(name)?.push((await spend(operationsPerRound)) / operationsPerRound);
    progress?.(round + 1);
  }
  return new Timings(times);
}

/** Microseconds of CPU time per operation, by case and round. */
export class Timings {
  readonly #times: ReadonlyMap<string, readonly number[]>;

  constructor(times: ReadonlyMap<string, readonly number[]>) {
    this.#times = times;
  }

  get names(): readonly string[] {
    return [...this.#times.keys()];
  }

  median(name: string): number {
    return quantile(this.#of(name), 0.5);
  }

  /** Returns the least disturbed measurement: the time on a quiet machine. */
  p10(name: string): number {
    return quantile(this.#of(name), 0.1);
  }

  /** Returns the median over the rounds of `name`'s time divided by `other`'s in the same round. */
  ratio(name: string, other: string): number {
    const others = this.#of(other);
    return quantile(
      this.#of(name).map((time, round) => time / (others[round] ?? Number.NaN)),
      0.5,
    );
  }

  #of(name: string): readonly number[] {
    const times = this.#times.get(name);
    if (times === undefined) throw new RangeError(`no case ${name}`);
    return times;
  }
}

export function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}

export function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
