/** The workflows and records whose cost is counted. */
import { randomUUID } from 'node:crypto';
import {
  DECISION_LOGS,
  type DecisionRecord,
  decisionLogOf,
  type LogName,
} from '../../src/audit/index.ts';
import {
  type Attributed,
  attributed,
  createClient,
  mintedBy,
  RecordingVerifier,
  type Scene,
} from '../mint/index.ts';
import { RECORDS_PATH } from './paths.ts';

const DECISIONS_PER_WORKFLOW = 20;
/** What a gateway collects for one row of the log. */
export const RECORDS_PER_BATCH = 20;

/** How many of the records of a batch are of one workflow. */
export const SHAPES = [20, 5, 1] as const;
export type Shape = (typeof SHAPES)[number];

/** Workflows of one log for each shape, so that each log gets whole batches. */
const WORKFLOWS_PER_LOG: Readonly<Record<Shape, number>> = { 20: 4, 5: 8, 1: 20 };

export interface Running extends Attributed {
  readonly id: string;
  readonly log: LogName;
}

/** Workflows by the shape of the batches that their records are sent in. */
export type Workload = Readonly<Record<Shape, readonly Running[]>>;

export interface Begun {
  readonly workload: Workload;
  /** All of them: some logs get more than they need. */
  readonly minted: readonly Running[];
}

/** Mints until each log has enough workflows. */
export async function beginWorkflows(scene: Scene): Promise<Begun> {
  const minted: Running[] = [];
  const needed = SHAPES.reduce((sum, shape) => sum + WORKFLOWS_PER_LOG[shape], 0);
  const ofLog = (log: LogName) => minted.filter((one) => one.log === log);
  while (DECISION_LOGS.some((log) => ofLog(log).length < needed)) {
    const { token, workflow: id } = await mintedBy(scene);
    minted.push({ id, log: decisionLogOf(id, ''), ...(await attributed(token, scene)) });
  }
  const workload: Record<Shape, Running[]> = { 20: [], 5: [], 1: [] };
  for (const log of DECISION_LOGS) {
    const left = ofLog(log);
    for (const shape of SHAPES) workload[shape].push(...left.splice(0, WORKFLOWS_PER_LOG[shape]));
  }
  return { workload, minted };
}

/** The records of one batch, and the log that they are numbered for. */
export interface Batch {
  readonly log: LogName;
  readonly records: readonly DecisionRecord[];
}

/** Returns the records of workflows in batches of a shape. */
export function batchesOf(shape: Shape, workflows: readonly Running[]): readonly Batch[] {
  const batches: Batch[] = [];
  for (const [log, own] of Map.groupBy(workflows, (one) => one.log)) {
    const verifier = new RecordingVerifier(`bench-${randomUUID().slice(0, 8)}`);
    const perBatch = RECORDS_PER_BATCH / shape;
    for (let first = 0; first < own.length; first += perBatch) {
      const group = own.slice(first, first + perBatch);
      for (let round = 0; round < DECISIONS_PER_WORKFLOW / shape; round++) {
        const records = Array.from({ length: shape }, () =>
          group.map((one) => verifier.decision(one)),
        ).flat();
        batches.push({ log, records });
      }
    }
  }
  return batches;
}

/** Sends batches as a gateway does. */
export async function sendBatches({ issuer }: Scene, batches: readonly Batch[]): Promise<void> {
  const client = createClient();
  const url = `${issuer}${RECORDS_PATH}`;
  const requests = batches.map((batch) => ({
    url,
    records: { body: JSON.stringify(batch), credential: 'none' },
  }));
  // Sent from the end.
  await client.send(requests.reverse(), 1);
  client.close();
}
