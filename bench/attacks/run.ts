/** Puts Hewn through recorded attacks and honest runs: `npx node bench/attacks/run.ts --help`. */
import { parseArgs } from 'node:util';
import {
  attackPairs,
  checkData,
  detailsOf,
  hasRecordings,
  type Judgement,
  judge,
  metricsOf,
  NOT_SHOWN,
  newValuesOf,
  type Row,
  readRecordings,
  tableOf,
} from '../agent-authz-bench/index.ts';
import { RUNS_FOLDER } from '../learn/recorded-runs.ts';
import { CONFIGURATIONS } from './configurations.ts';
import type { Derivation } from './derive.ts';
import { hewnSystem } from './hewn-system.ts';
import { writeOwn, writePage } from './page.ts';
import {
  CATALOGUES_FOLDER,
  OWN_FOLDER,
  unmarkedCatalogue,
  writtenCatalogue,
} from './suite-catalogue.ts';
import type { Tally } from './tally.ts';

const HELP = `npx node bench/attacks/run.ts [options]
  --data FOLDER        recorded suites (default: the folder beside the repository)
  --catalogues FOLDER  one catalogue for each suite, NAME.toml (default: those of this repository)
  --own                the suite of our own in place of the recorded ones
  --derivation NAME    plan, or prompt; may be repeated (default: both)
  --unmarked           with a catalogue that knows nothing but the schemas of the tools
  --only TEXT          configurations whose name has this in it
  --suite NAME         one suite
  --details            lists the attacks that succeed, the denied calls and what was asked
  --json               prints JSON
  --write              writes docs/evaluation.md and its figure instead; with --own, one table`;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: RUNS_FOLDER },
    catalogues: { type: 'string', default: CATALOGUES_FOLDER },
    own: { type: 'boolean', default: false },
    derivation: { type: 'string', multiple: true, default: ['plan', 'prompt'] },
    unmarked: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    suite: { type: 'string' },
    details: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [data, cataloguesFolder] = values.own
  ? [OWN_FOLDER, OWN_FOLDER]
  : [values.data, values.catalogues];
if (!hasRecordings(data)) {
  console.error(`the recorded runs are not in ${data}`);
  process.exit(2);
}
const all = readRecordings(data);
const suites = Object.fromEntries(
  Object.entries(all.suites).filter(
    ([name]) => values.suite === undefined || name === values.suite,
  ),
);
const recordings = { suites, runs: all.runs.filter(({ suite }) => Object.hasOwn(suites, suite)) };
const names = Object.keys(suites);
const catalogues = new Map(
  Object.entries(suites).map(([name, suite]) => {
    const written = values.unmarked ? undefined : writtenCatalogue(cataloguesFolder, name);
    if (!written && !values.unmarked) console.error(`${name}: no catalogue, so it has no marks`);
    return [name, written ?? unmarkedCatalogue(name, suite)];
  }),
);

if (values.write && values.own) {
  const rows: Row[] = [];
  for (const derivation of ['plan', 'prompt'] as const) {
    const configuration = CONFIGURATIONS.find(({ name }) => name === '+ provenance');
    if (!configuration) throw new Error('there is no configuration with provenance');
    const system = await hewnSystem({ configuration, derivation, catalogues });
    const metrics = metricsOf(await judge(recordings, system));
    rows.push({ name: `desk: + provenance, from the ${derivation}`, metrics });
  }
  writeOwn(rows);
  process.exit(0);
}

if (values.write) {
  const unmarked = new Map(
    Object.entries(suites).map(([name, suite]) => [name, unmarkedCatalogue(name, suite)]),
  );
  const judged = async (derivation: Derivation, of: typeof catalogues): Promise<Judgement[]> => {
    const all: Judgement[] = [];
    for (const configuration of CONFIGURATIONS) {
      const system = await hewnSystem({ configuration, derivation, catalogues: of });
      all.push(await judge(recordings, system));
    }
    return all;
  };
  const rowsOf = (all: readonly Judgement[], suite?: string): Row[] =>
    all.map((one) => ({
      name: suite === undefined ? one.system : `${suite}: ${one.system}`,
      metrics: metricsOf(one, suite),
    }));
  const planned = await judged('plan', catalogues);
  writePage({
    plan: rowsOf(planned),
    suites: names.flatMap((suite) =>
      rowsOf(planned, suite).filter(({ name }) => name.includes(': +')),
    ),
    prompt: rowsOf(await judged('prompt', catalogues)),
    unmarked: rowsOf(await judged('plan', unmarked)),
  });
  const minutes = (performance.now() / 60_000).toFixed(1);
  console.log(`written in ${minutes} minutes`);
  process.exit(0);
}

const results: object[] = [];
if (!values.json) {
  console.log(`${NOT_SHOWN}\n`);
  const { frozen = 'not one of the frozen data' } = checkData(data);
  console.log(`data: ${frozen}; ${attackPairs(recordings).length} attack pairs\n`);
}
for (const derivation of values.derivation as readonly Derivation[]) {
  const judged: { judgement: Judgement; tally: Tally }[] = [];
  for (const configuration of CONFIGURATIONS.filter(({ name }) => name.includes(values.only))) {
    const system = await hewnSystem({ configuration, derivation, catalogues });
    const judgement = await judge(recordings, system);
    judged.push({ judgement, tally: system.tally });
    if (values.details) console.log(detailsOf(judgement));
  }
  const scopes = names.length > 1 ? [...names, undefined] : names;
  for (const suite of scopes) {
    const rows = judged.map(({ judgement, tally }): Row => {
      const metrics = metricsOf(judgement, suite);
      const isAll = suite === undefined || names.length === 1;
      return { name: judgement.system, metrics, ...(isAll && { cost: tally.summary }) };
    });
    results.push({ derivation, suite: suite ?? 'all', rows });
    if (values.json) continue;
    const marks = values.unmarked ? ', without marks' : '';
    console.log(`## ${suite ?? 'together'}, derived from the ${derivation}${marks}\n`);
    console.log(`${tableOf(rows)}\n`);
    if (values.details) console.log(`${newValuesOf(rows)}\n`);
  }
}
if (values.json) console.log(JSON.stringify({ data: checkData(data), results }, null, 2));
