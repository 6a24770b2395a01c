/** CPU time per operation: interleaved, shuffled rounds; paired ratios against the goals. */
import { pairedRatio, type Summary, shuffled, summarise } from '../statistics.ts';
import { CONTESTANTS, ENTRIES, type Entry, type Fixture } from './contest.ts';
import type { OpenRunner, Runner } from './runner.ts';

export type Runtime = 'node' | 'workerd';

/** `over`: how many times `left` goes into `right`; `left` and `right` name an entry. */
export type Goal = {
  readonly text: string;
  readonly left: string;
  readonly right: string;
  /** `least`: the ratio is to be no smaller; `most`: no larger. */
  readonly bound: 'least' | 'most';
  readonly values: Readonly<Record<Runtime, number>>;
};

export const GOALS: readonly Goal[] = [
  {
    text: 'cold verify + authorize: biscuit-wasm / ours',
    left: 'reference cold',
    right: 'hewn cold',
    bound: 'least',
    values: { workerd: 2.2, node: 1 },
  },
  {
    text: 'cold verify + authorize: ours / floor',
    left: 'hewn cold',
    right: 'native floor',
    bound: 'most',
    values: { workerd: 1.25, node: 1.25 },
  },
  {
    text: 'a new step, chain cached: ours / jwtVerify',
    left: 'hewn step',
    right: 'native jwt',
    bound: 'most',
    values: { workerd: 1.6, node: 1.8 },
  },
  {
    text: 'the same token again: ours / jwtVerify',
    left: 'hewn again',
    right: 'native jwt',
    bound: 'most',
    values: { workerd: 1 / 3, node: 1 / 3 },
  },
  {
    text: 'narrow, 3 checks from text: biscuit-wasm / ours',
    left: 'reference narrow',
    right: 'hewn narrow',
    bound: 'least',
    values: { workerd: 2.5, node: 1 },
  },
  {
    text: 'narrow, 3 checks built: biscuit-wasm / ours',
    left: 'reference narrow-built',
    right: 'hewn narrow-built',
    bound: 'least',
    values: { workerd: 2.5, node: 1 },
  },
];

export type GoalResult = {
  readonly goal: Goal;
  readonly ratio: number;
  readonly reached: boolean;
};

export type SpeedReport = {
  readonly runtime: Runtime;
  readonly rounds: number;
  /** Microseconds of CPU. */
  readonly entries: Readonly<Record<string, Summary>>;
  readonly goals: readonly GoalResult[];
};

export const entryName = ({ contestant, operation }: Entry): string => `${contestant} ${operation}`;

function judgeGoal(
  goal: Goal,
  runtime: Runtime,
  rounds: ReadonlyMap<string, number[]>,
): GoalResult {
  const ratio = pairedRatio(rounds.get(goal.left) ?? [], rounds.get(goal.right) ?? []);
  const value = goal.values[runtime];
  return { goal, ratio, reached: goal.bound === 'least' ? ratio >= value : ratio <= value };
}

/** Until the compilers have settled; biscuit-wasm needs about a thousand authorizations. */
const WARM_UP_ROUNDS = 30;

export async function measureSpeed(
  runtime: Runtime,
  open: OpenRunner,
  fixture: Fixture,
  rounds: number,
): Promise<SpeedReport> {
  const runners = new Map<string, Runner>();
  for (const name of CONTESTANTS) runners.set(name, await open(name, fixture));
  const measured = new Map<string, number[]>(ENTRIES.map((entry) => [entryName(entry), []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const entry of shuffled(ENTRIES)) {
      const { contestant, operation, iterations } = entry;
      const value = (await runners.get(contestant)?.measure(operation, iterations)) ?? Number.NaN;
      if (round >= 0) measured.get(entryName(entry))?.push(value);
    }
  }
  for (const runner of runners.values()) await runner.close();
  return {
    runtime,
    rounds,
    entries: Object.fromEntries([...measured].map(([name, values]) => [name, summarise(values)])),
    goals: GOALS.map((goal) => judgeGoal(goal, runtime, measured)),
  };
}
