/**
 * What decisions and workflows cost at list prices, from the rows, requests and bytes that a run
 * makes the deployed issuer write. Counted, not timed, so any machine prints the same.
 */
import { CONTROL_LOG, DECISION_LOGS, ROOT_LOG } from '../../src/audit/index.ts';
import { makeObjects, readTallies, startCountedScene, wake } from '../cost/counted-scene.ts';
import { dollarsOf, perOne } from '../cost/prices.ts';
import { scaled, sumOf, type Tally } from '../cost/tally.ts';
import {
  type Begun,
  batchesOf,
  beginWorkflows,
  SHAPES,
  type Shape,
  sendBatches,
} from '../cost/traffic.ts';
import { mintedBy, type Scene } from '../mint/index.ts';
import { type Report, verdict } from '../report.ts';
import type { SuiteOptions } from './options.ts';

const DOLLARS_MAX = 0.2;
const MILLION = 1_000_000;
const THOUSAND = 1_000;
const HOUR_SECONDS = 3_600;
const ROUND_SECONDS = 301;
/** A million decisions a day are no reason for a round before its time. */
const DECISION_ROUNDS_PER_DAY = 4 * 288;
const MINUTES_PER_DAY = 1_440;
/** At a million decisions a day, the index reads the logs every twelve minutes. */
const READINGS_PER_WORKFLOW = 5;
/** A machine that is busy needs several. */
const READINGS_MAX = 50;

/** One line of the bill. */
interface Line {
  readonly name: string;
  readonly tally: Tally;
}

interface Counts {
  readonly workflows: number;
  readonly begin: Tally;
  /** Makes its object, as its first record does. */
  readonly object: Tally;
  readonly end: Tally;
  readonly decisions: ReadonlyMap<Shape, { readonly records: number; readonly tally: Tally }>;
  /** The rounds that archived the decisions, and one of each kind of log with few records. */
  readonly archived: { readonly records: number; readonly rounds: number; readonly tally: Tally };
  readonly smallRound: Readonly<Record<'decisions' | 'control' | 'root', Tally>>;
  /** What the index writes when it meets workflows, with their calls, and when they are closed. */
  readonly index: Readonly<Record<'first' | 'later' | 'last', Tally>>;
}

export async function costReport({ progress }: SuiteOptions): Promise<readonly Report[]> {
  const scene = await startCountedScene();
  try {
    return reports(await countAll(scene, progress));
  } finally {
    await scene.stop();
  }
}

async function countAll(scene: Scene, progress: (text: string) => void): Promise<Counts> {
  const count = async (what: string, run: () => Promise<unknown>): Promise<Tally> => {
    progress(what);
    await readTallies(scene);
    await run();
    return sumOf(Object.values(await readTallies(scene)));
  };
  const round = (...logs: readonly string[]) =>
    count('round', () => wake(scene, { seconds: ROUND_SECONDS, logs }));
  const minute = (log: string) => count('round', () => wake(scene, { seconds: 61, logs: [log] }));
  // A reading that takes long continues after its answer. The last one finds nothing new.
  const index = async (): Promise<Tally> => {
    const readings: Tally[] = [];
    do {
      readings.push(await count('index', () => wake(scene, { seconds: 0, index: true })));
    } while (readings.at(-1)?.rowsWritten !== 0 && readings.length < READINGS_MAX);
    return sumOf(readings);
  };
  const usual = [CONTROL_LOG, ...DECISION_LOGS];
  const [firstShape] = SHAPES;
  // The first requests read the policy and keys, and create the tables of the logs.
  const { workload } = await beginWorkflows(scene);
  await sendBatches(scene, batchesOf(firstShape, workload.get(firstShape) ?? []).flat());
  await round(...usual);
  await minute(ROOT_LOG);
  await index();
  // Before the clock is hours ahead: a mint needs a fresh proof of who the agent is.
  await mintedBy(scene);
  const control = await minute(CONTROL_LOG);
  const root = await minute(ROOT_LOG);

  let begun: Begun = { minted: [], workload: new Map() };
  const begin = await count('begin', async () => {
    begun = await beginWorkflows(scene);
  });
  const ids = begun.minted.map(({ id }) => id);
  const object = await count('objects', () => makeObjects(scene, ids));
  await round(...usual);
  const first = await index();

  const decisions = new Map<Shape, { records: number; tally: Tally }>();
  const rounds: Tally[] = [];
  const readings: Tally[] = [];
  for (const shape of SHAPES) {
    const tallies: Tally[] = [];
    let records = 0;
    for (const batches of batchesOf(shape, begun.workload.get(shape) ?? [])) {
      tallies.push(
        await count(`${shape.records} by ${shape.workflows}`, () => sendBatches(scene, batches)),
      );
      rounds.push(await round(...usual));
      records += batches.reduce((sum, one) => sum + one.records.length, 0);
    }
    decisions.set(shape, { records, tally: sumOf(tallies) });
    readings.push(await index());
  }
  const records = [...decisions.values()].reduce((sum, one) => sum + one.records, 0);
  const archived = { records, rounds: rounds.length, tally: sumOf(rounds) };
  const [one = []] = batchesOf(firstShape, begun.workload.get(firstShape) ?? []);
  await sendBatches(scene, one.slice(0, 1));
  // It replaces the tail of an earlier round, so what it keeps is counted with the records.
  const decided = { ...(await round(...usual)), bytesStored: 0 };
  const smallRound = { decisions: decided, control, root };
  // Idle for an hour, it expires. Another hour later it is closed.
  const end = await count('end', async () => {
    for (const seconds of [HOUR_SECONDS + 60, HOUR_SECONDS + 60])
      await wake(scene, { seconds, workflows: ids });
  });
  const last = await index();
  const later = sumOf(readings);
  return {
    workflows: ids.length,
    begin,
    object,
    end,
    decisions,
    archived,
    smallRound,
    index: { first, later, last },
  };
}

function reports(counts: Counts): readonly Report[] {
  const { workflows, begin, object, end, archived, smallRound, index } = counts;
  // A round costs the same whatever it has. What it has besides costs by the record.
  const fixed = scaled(smallRound.decisions, -archived.rounds);
  const perRecord = scaled(sumOf([archived.tally, fixed]), 1 / archived.records);
  const thousand = (tally: Tally) => scaled(tally, THOUSAND / workflows);
  const ofWorkflows: readonly (Line & { readonly times?: number })[] = [
    { name: 'begin', tally: thousand(begin) },
    { name: 'the object, with the first record', tally: thousand(object) },
    { name: 'expiry, closing', tally: thousand(end) },
    { name: 'the index, when they are new', tally: thousand(index.first) },
    {
      name: 'the index, at each reading',
      tally: thousand(index.later),
      times: READINGS_PER_WORKFLOW,
    },
    { name: 'the index, once they are closed', tally: thousand(index.last) },
  ];
  const ofDay: readonly Line[] = [
    {
      name: 'rounds of 4 decision logs',
      tally: scaled(smallRound.decisions, DECISION_ROUNDS_PER_DAY),
    },
    { name: 'rounds of the control log', tally: scaled(smallRound.control, MINUTES_PER_DAY) },
    { name: 'rounds of the root log', tally: scaled(smallRound.root, MINUTES_PER_DAY) },
  ];
  const dollarsOfAll = (some: readonly Line[]) =>
    some.reduce((sum, { tally }) => sum + dollarsOf(tally), 0);
  const repeated = ofWorkflows.map(({ tally, times = 1, name }) => ({
    name,
    tally: scaled(tally, times),
  }));
  const besides = { workflows: dollarsOfAll(repeated), rounds: dollarsOfAll(ofDay) };
  const lines: Line[] = [];
  const bills: Bill[] = [];
  for (const [shape, { records, tally }] of counts.decisions) {
    const million = sumOf([scaled(tally, MILLION / records), scaled(perRecord, MILLION)]);
    lines.push({ name: `a million decisions, ${nameOf(shape)}`, tally: million });
    bills.push({ shape, decisions: dollarsOf(million), ...besides });
  }
  const all = [
    ...lines,
    ...ofWorkflows.map((line) => ({ ...line, name: `a thousand workflows: ${line.name}` })),
    ...ofDay.map((line) => ({ ...line, name: `a day: ${line.name}` })),
  ];
  return [billReport(all, counts), totalReport(bills)];
}

const nameOf = ({ records, workflows }: Shape): string =>
  `${records} of ${workflows} workflow${workflows === 1 ? '' : 's'} in a batch`;

interface Bill {
  readonly shape: Shape;
  readonly decisions: number;
  readonly workflows: number;
  readonly rounds: number;
}

const totalOf = ({ decisions, workflows, rounds }: Bill): number => decisions + workflows + rounds;

function billReport(lines: readonly Line[], counts: Counts): Report {
  return {
    suite: 'cost',
    title: 'What is billed, from a counted run, at list prices',
    columns: ['', 'rows', 'requests', 'puts', 'reads', 'MB kept', 'dollars'],
    rows: lines.map(({ name, tally }) => {
      const { rowsWritten, alarmsSet, calls, alarms, classA, classB, bytesStored } = tally;
      const numbers = [rowsWritten + alarmsSet, calls + alarms, classA, classB, bytesStored / 1e6];
      return [name, ...numbers.map((one) => one.toFixed(0)), dollarsOf(tally).toFixed(4)];
    }),
    data: { lines, counts: { ...counts, decisions: [...counts.decisions] } },
  };
}

function totalReport(bills: readonly Bill[]): Report {
  return {
    suite: 'cost-total',
    title:
      'Dollars for a million decisions within a day, with a thousand workflows, without the Workers in front',
    columns: ['', 'decisions', 'workflows', 'rounds of the day', 'total', 'target', ''],
    rows: bills.map((bill) => [
      nameOf(bill.shape),
      ...[bill.decisions, bill.workflows, bill.rounds, totalOf(bill)].map((one) => one.toFixed(3)),
      `<= ${DOLLARS_MAX.toFixed(2)}`,
      verdict(totalOf(bill) <= DOLLARS_MAX),
    ]),
    data: { bills, workerRequestDollars: perOne('workerRequests') },
  };
}
