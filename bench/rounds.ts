/**
 * Paired, interleaved rounds: every case runs once in each round, in a fresh random order, so that
 * a machine whose speed drifts drifts under all of them alike. What is compared is the ratio within
 * a round; what is shown is the median over the rounds.
 */

export interface Case {
  readonly name: string;
  /** One operation; awaited. */
  readonly run: () => Promise<unknown> | unknown;
}

export interface Measured {
  readonly name: string;
  /**
   * CPU time of the whole process, so that the crypto threads count; median and tenth percentile.
   */
  readonly microseconds: number;
  readonly microsecondsP10: number;
  /** Median over the rounds of this case's time by the reference case's. */
  readonly ratio: number;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly operationsPerRound: number;
  /** The case that all others are compared with. */
  readonly reference: string;
  readonly progress?: (round: number) => void;
}

export async function measure(
  cases: readonly Case[],
  options: RoundOptions,
): Promise<readonly Measured[]> {
  const { rounds, operationsPerRound, reference, progress } = options;
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (const { run } of cases) await repeat(run, operationsPerRound); // Warm, and not counted.
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of shuffled(cases)) {
      const before = process.cpuUsage();
      await repeat(run, operationsPerRound);
      const { user, system } = process.cpuUsage(before);
      times.get(name)?.push((user + system) / operationsPerRound);
    }
    progress?.(round + 1);
  }
  const base = times.get(reference) ?? [];
  return cases.map(({ name }) => {
    const own = times.get(name) ?? [];
    return {
      name,
      microseconds: quantile(own, 0.5),
      microsecondsP10: quantile(own, 0.1),
      ratio: quantile(
        own.map((time, round) => time / (base[round] ?? Number.NaN)),
        0.5,
      ),
    };
  });
}

async function repeat(run: Case['run'], count: number): Promise<void> {
  for (let i = 0; i < count; i++) await run();
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}
