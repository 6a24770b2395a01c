/** The workflows and records whose cost is counted. */
import { randomUUID } from 'node:crypto';
import { DECISION_LOGS, decisionLogOf, type LogName } from '../../src/audit/index.ts';
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

/** Sends the records of workflows in batches of a shape, as a gateway. Returns their number. */
export async function sendDecisions(
  scene: Scene,
  shape: Shape,
  workflows: readonly Running[],
): Promise<number> {
  const client = createClient();
  let sent = 0;
  for (const [log, own] of Map.groupBy(workflows, (one) => one.log)) {
    const verifier = new RecordingVerifier(`bench-${randomUUID().slice(0, 8)}`);
    const perBatch = RECORDS_PER_BATCH / shape;
    for (let first = 0; first < own.length; first += perBatch) {
      const group = own.slice(first, first + perBatch);
      for (let round = 0; round < DECISIONS_PER_WORKFLOW / shape; round++) {
        const records = Array.from({ length: shape }, () =>
          group.map((one) => verifier.decision(one)),
        ).flat();
        const body = JSON.stringify({ records, log });
        const url = `${scene.issuer}${RECORDS_PATH}`;
        await client.send([{ url, records: { body, credential: 'none' } }], 1);
        sent += records.length;
      }
    }
  }
  client.close();
  return sent;
}
