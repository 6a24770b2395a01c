/**
 * What decisions and workflows cost at list prices, from the rows, requests and bytes that a run
 * makes the deployed issuer write. Counted, not timed, so any machine prints the same.
 */
import { CONTROL_LOG, DECISION_LOGS } from '../../src/audit/index.ts';
import { readTallies, startCountedScene, wake } from '../cost/counted-scene.ts';
import { dollarsOf, perOne } from '../cost/prices.ts';
import { scaled, sumOf, type Tally } from '../cost/tally.ts';
import {
  type Begun,
  batchesOf,
  beginWorkflows,
  RECORDS_PER_BATCH,
  SHAPES,
  type Shape,
  sendBatches,
} from '../cost/traffic.ts';
import type { Scene } from '../mint/index.ts';
import { type Report, verdict } from '../report.ts';
import type { SuiteOptions } from './options.ts';

const DOLLARS_MAX = 0.2;
const MILLION = 1_000_000;
const THOUSAND = 1_000;
const HOUR_SECONDS = 3_600;
const ROUND_SECONDS = 301;
/** About 150 KB of records. */
const BATCHES_PER_ROUND = 8;
/** A million decisions a day are no reason for a round before its time. */
const DECISION_ROUNDS_PER_DAY = 4 * 288;
const CONTROL_ROUNDS_PER_DAY = 1_440;

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
  /** The rounds that archived the decisions, and one of one log with a single batch. */
  readonly archived: { readonly records: number; readonly rounds: number; readonly tally: Tally };
  readonly smallRound: Tally;
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
  const logs = [CONTROL_LOG, ...DECISION_LOGS];
  const round = () => count('round', () => wake(scene, { seconds: ROUND_SECONDS, logs }));
  // The first requests read the policy and keys, and create the tables of the logs.
  await sendBatches(scene, batchesOf(20, (await beginWorkflows(scene)).workload[20]));
  await round();

  let begun: Begun = { minted: [], workload: { 20: [], 5: [], 1: [] } };
  const begin = await count('begin', async () => {
    begun = await beginWorkflows(scene);
  });
  const ids = begun.minted.map(({ id }) => id);
  const object = await count('objects', () => viewAll(scene, ids));
  await round();

  const decisions = new Map<Shape, { records: number; tally: Tally }>();
  const rounds: Tally[] = [];
  for (const shape of SHAPES) {
    const batches = [...batchesOf(shape, begun.workload[shape])];
    const tallies: Tally[] = [];
    const records = batches.reduce((sum, one) => sum + one.records.length, 0);
    while (batches.length > 0) {
      // A log that has this much more begins a round by itself.
      const some = batches.splice(0, BATCHES_PER_ROUND);
      tallies.push(await count(`decisions by ${shape}`, () => sendBatches(scene, some)));
      rounds.push(await round());
    }
    decisions.set(shape, { records, tally: sumOf(tallies) });
  }
  const small = begun.workload[20].slice(0, 1);
  await sendBatches(scene, batchesOf(20, small).slice(0, 1));
  const smallRound = await round();
  const records = [...decisions.values()].reduce((sum, one) => sum + one.records, 0);
  const archived = { records, rounds: rounds.length, tally: sumOf(rounds) };
  // Idle for an hour, it expires. Another hour later it is closed.
  const end = await count('end', async () => {
    for (const seconds of [HOUR_SECONDS + 60, HOUR_SECONDS + 60])
      await wake(scene, { seconds, workflows: ids });
  });
  return { workflows: ids.length, begin, object, end, decisions, archived, smallRound };
}

async function viewAll({ issuer, keys }: Scene, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const response = await fetch(`${issuer}/admin/v1/workflows/${id}`, {
      headers: { authorization: `Bearer ${keys.operator}` },
    });
    if (!response.ok) throw new Error(`${id}: ${response.status} ${await response.text()}`);
    await response.text();
  }
}

function reports(counts: Counts): readonly Report[] {
  const { workflows, begin, object, end, archived, smallRound } = counts;
  // A round costs the same whatever it has. What it has besides costs by the record.
  const perRound = smallRound;
  const fixed = scaled(perRound, -archived.rounds);
  const perRecord = scaled(sumOf([archived.tally, fixed]), 1 / archived.records);
  const thousand = (tally: Tally) => scaled(tally, THOUSAND / workflows);
  const ofWorkflows: readonly Line[] = [
    { name: 'begin', tally: thousand(begin) },
    { name: 'the object, with the first record', tally: thousand(object) },
    { name: 'expiry, closing', tally: thousand(end) },
  ];
  const ofDay: readonly Line[] = [
    { name: 'rounds of 4 decision logs', tally: scaled(perRound, DECISION_ROUNDS_PER_DAY) },
    { name: 'rounds of the control log', tally: scaled(perRound, CONTROL_ROUNDS_PER_DAY) },
  ];
  const lines: Line[] = [];
  const bills: { readonly shape: Shape; readonly dollars: number }[] = [];
  const workflowsDollars = dollarsOf(sumOf(ofWorkflows.map(({ tally }) => tally)));
  for (const [shape, { records, tally }] of counts.decisions) {
    const of = RECORDS_PER_BATCH / shape;
    const name = `a million decisions, 20 of ${of} workflow${of === 1 ? '' : 's'} in a batch`;
    const million = sumOf([scaled(tally, MILLION / records), scaled(perRecord, MILLION)]);
    lines.push({ name, tally: million });
    const rounds = dollarsOf(scaled(perRound, DECISION_ROUNDS_PER_DAY));
    bills.push({ shape, dollars: dollarsOf(million) + rounds + workflowsDollars });
  }
  const all = [
    ...lines,
    ...ofWorkflows.map((line) => ({ ...line, name: `a thousand workflows: ${line.name}` })),
    ...ofDay.map((line) => ({ ...line, name: `a day: ${line.name}` })),
  ];
  return [billReport(all, counts), totalReport(bills)];
}

function billReport(lines: readonly Line[], counts: Counts): Report {
  return {
    suite: 'cost',
    title: 'What is billed, from a counted run, at list prices',
    columns: ['', 'rows', 'requests', 'puts', 'reads', 'MB put', 'dollars'],
    rows: lines.map(({ name, tally }) => {
      const { rowsWritten, alarmsSet, calls, alarms, classA, classB, bytesPut } = tally;
      const numbers = [rowsWritten + alarmsSet, calls + alarms, classA, classB, bytesPut / 1e6];
      return [name, ...numbers.map((one) => one.toFixed(0)), dollarsOf(tally).toFixed(4)];
    }),
    data: { lines, counts: { ...counts, decisions: [...counts.decisions] } },
  };
}

function totalReport(bills: readonly { shape: Shape; dollars: number }[]): Report {
  return {
    suite: 'cost-total',
    title:
      'A million decisions within a day, with a thousand workflows, without the Workers in front',
    columns: ['records of one workflow in a batch of 20', 'dollars', 'target', ''],
    rows: bills.map(({ shape, dollars }) => [
      String(shape),
      dollars.toFixed(3),
      `<= ${DOLLARS_MAX.toFixed(2)}`,
      verdict(dollars <= DOLLARS_MAX),
    ]),
    data: { bills, workerRequestDollars: perOne('workerRequests') },
  };
}
