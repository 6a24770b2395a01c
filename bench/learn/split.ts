import { createHash } from 'node:crypto';
import type { RecordedRun } from './recorded-runs.ts';

/** Which half of the honest runs is learned from. */
export interface Split {
  readonly learned: readonly RecordedRun[];
  readonly judged: readonly RecordedRun[];
}

/**
 * Halves the runs of each task. The six runs of a task are of six models, so the judged ones are of
 * other models, which call other tools, in another order, with other texts. `seed` names one of
 * many such splits; 0 is the one that the test uses.
 */
export function halveEachTask(runs: readonly RecordedRun[], seed = 0): Split {
  const byTask = Map.groupBy(runs, ({ suite, user_task: task }) => `${suite}/${task}`);
  const halves = [...byTask.values()].map((own) => {
    const order = own
      .map((run) => ({ run, rank: rankOf(seed, run) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ run }) => run);
    const middle = order.length >> 1;
    return { learned: order.slice(0, middle), judged: order.slice(middle) };
  });
  return {
    learned: halves.flatMap(({ learned }) => learned),
    judged: halves.flatMap(({ judged }) => judged),
  };
}

/** Halves the tasks: the judged ones were never seen. */
export function halveTasks(runs: readonly RecordedRun[], seed = 0): Split {
  const tasks = [...new Set(runs.map(({ suite, user_task: task }) => `${suite}/${task}`))];
  const order = tasks.sort((a, b) => (digest(`${seed} ${a}`) < digest(`${seed} ${b}`) ? -1 : 1));
  const chosen = new Set(order.slice(0, order.length >> 1));
  const isLearned = ({ suite, user_task: task }: RecordedRun) => chosen.has(`${suite}/${task}`);
  return { learned: runs.filter(isLearned), judged: runs.filter((run) => !isLearned(run)) };
}

const rankOf = (seed: number, { suite, user_task: task, model }: RecordedRun): string =>
  digest(`${seed} ${suite} ${task} ${model}`);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
