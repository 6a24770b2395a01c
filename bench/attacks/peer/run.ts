/** Puts a library from npm through the recorded attacks: `npx node bench/attacks/peer/run.ts`. */
import {
  detailsOf,
  hasRecordings,
  judge,
  metricsOf,
  newValuesOf,
  readRecordings,
  tableOf,
} from '../../agent-authz-bench/index.ts';
import { RUNS_FOLDER } from '../../learn/recorded-runs.ts';
import { isInstalled, provenanceLibrary } from './provenance-library.ts';

const [folder = RUNS_FOLDER, details] = process.argv.slice(2);
if (!isInstalled()) {
  console.error('run first: npm install --prefix bench/attacks/peer --ignore-scripts');
  process.exit(2);
}
if (!hasRecordings(folder)) {
  console.error(`the recorded runs are not in ${folder}`);
  process.exit(2);
}
const recordings = readRecordings(folder);
const judgement = await judge(recordings, await provenanceLibrary());
if (details === '--details') console.log(detailsOf(judgement));
for (const suite of [...Object.keys(recordings.suites), undefined]) {
  const rows = [{ name: judgement.system, metrics: metricsOf(judgement, suite) }];
  console.log(`## ${suite ?? 'together'}\n\n${tableOf(rows)}\n\n${newValuesOf(rows)}\n`);
}
