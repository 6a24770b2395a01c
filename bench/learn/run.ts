/**
 * Prints what a policy does that `hewn observe learn` proposes from one half of recorded honest
 * runs: `npx node bench/learn/run.ts`.
 */
import { type Evaluation, evaluate, type Share } from './evaluate.ts';
import { hasRecordings, RUNS_FOLDER, readRecordings } from './recorded-runs.ts';
import { halveEachTask, halveTasks } from './split.ts';
import { suiteCatalogue } from './suite-catalogue.ts';

const SPLITS = 10;

if (!hasRecordings()) {
  console.error(`the recorded runs are not in ${RUNS_FOLDER}`);
  process.exit(2);
}
const recordings = readRecordings();
const catalogue = suiteCatalogue(recordings);
const honest = recordings.runs.filter(({ attack }) => attack === 'none');

const percent = ({ all, hit }: Share): string =>
  `${hit} of ${all} (${((100 * hit) / Math.max(1, all)).toFixed(1)} %)`;

function show(title: string, evaluation: Evaluation): void {
  const { honest: runs, solved, pairs, attacks, openShare } = evaluation;
  console.log(title);
  console.log(`  honest runs denied          ${percent(runs)}`);
  console.log(`  of those that solved a task ${percent(solved)}`);
  console.log(`  attack pairs stopped        ${percent(pairs)}`);
  console.log(`  successful attacks stopped  ${percent(attacks)}`);
  console.log(`  open                        ${(100 * openShare).toFixed(1)} % of everything`);
}

const first = await evaluate(recordings, catalogue, halveEachTask(honest));
show('each task halved by model', first);
for (const { run, call } of first.denied) {
  console.log(`    denied: ${run.suite} ${run.user_task} ${run.model}: ${JSON.stringify(call)}`);
}
for (const pair of first.missed) console.log(`    not stopped: ${pair}`);

const rates: number[] = [];
const solvedRates: number[] = [];
const stops: number[] = [];
for (let seed = 0; seed < SPLITS; seed++) {
  const {
    honest: runs,
    solved,
    pairs,
  } = await evaluate(recordings, catalogue, halveEachTask(honest, seed));
  rates.push((100 * runs.hit) / runs.all);
  solvedRates.push((100 * solved.hit) / solved.all);
  stops.push((100 * pairs.hit) / pairs.all);
}
const range = (numbers: readonly number[]): string => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const shown = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  return shown.map((one = 0) => one.toFixed(1)).join(' / ');
};
console.log(`over ${SPLITS} such splits, lowest / median / highest`);
console.log(`  honest runs denied          ${range(rates)} %`);
console.log(`  of those that solved a task ${range(solvedRates)} %`);
console.log(`  attack pairs stopped        ${range(stops)} %`);

show(
  'tasks halved: the judged tasks were never seen',
  await evaluate(recordings, catalogue, halveTasks(honest), { by: 'agent' }),
);
