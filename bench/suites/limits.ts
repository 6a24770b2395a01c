/**
 * The cost of the largest input that a stranger may send, and how the cost grows with its size.
 * Growth 1 means that the cost doubles with the input; growth 2, that each part is compared with
 * each other.
 */
import { PATHS } from '../../test/hostile/largest.ts';
import type { Report } from '../report.ts';
import { inProcess, measure } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

const SHARE = 4;

export async function limitsReport(options: SuiteOptions): Promise<Report> {
  const cases = PATHS.flatMap(({ name, bytesMax, run }) => {
    const [whole, part] = [run(bytesMax), run(bytesMax / SHARE)];
    return [
      inProcess(name, async () => whole()),
      inProcess(`${name} / ${SHARE}`, async () => part()),
    ];
  });
  const rounds = Math.min(options.rounds, 9);
  const timings = await measure(cases, {
    rounds,
    operationsPerRound: 5,
    warmOperations: 20,
    progress: (round) => options.progress(`round ${round} of ${rounds}`),
  });
  const rows = PATHS.map(({ name, bytesMax }) => {
    const ratio = timings.ratio(name, `${name} / ${SHARE}`);
    const growth = Math.log(ratio) / Math.log(SHARE);
    return { name, bytesMax, microseconds: timings.median(name), growth };
  });
  return {
    suite: 'limits',
    title: `The largest input of each path, Node ${process.version}, CPU time`,
    columns: ['', 'bytes', 'us', 'growth'],
    rows: rows
      .toSorted((a, b) => b.growth - a.growth)
      .map(({ name, bytesMax, microseconds, growth }) => [
        name,
        String(bytesMax),
        microseconds.toFixed(0),
        growth.toFixed(2),
      ]),
    data: { rounds, rows },
  };
}
