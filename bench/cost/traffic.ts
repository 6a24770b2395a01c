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

/** How gateways put the records of workflows into batches. */
export interface Shape {
  /** Records of a batch. */
  readonly records: number;
  /** Workflows whose records it has, the same number of each. */
  readonly workflows: number;
  /** Such batches with the same workflows, and how many times that is counted in each log. */
  readonly batches: number;
  readonly groups: number;
}

/**
 * A gateway sends what it has after two seconds, and 50 records earlier. So 50 in a batch are 100
 * decisions a second of one isolate, over the four logs; 20 are 40, and 6 are a million in a day.
 * A log gets 768 records in all: as many bundles become full as its records fill.
 */
export const SHAPES: readonly [Shape, ...Shape[]] = [
  { records: 50, workflows: 1, batches: 4, groups: 1 },
  { records: 20, workflows: 1, batches: 5, groups: 2 },
  { records: 20, workflows: 4, batches: 4, groups: 2 },
  { records: 20, workflows: 20, batches: 8, groups: 1 },
  { records: 6, workflows: 1, batches: 8, groups: 1 },
];

const workflowsPerLog = ({ workflows, groups }: Shape): number => workflows * groups;

export interface Running extends Attributed {
  readonly id: string;
  readonly log: LogName;
}

/** Workflows by the shape of the batches that their records are sent in. */
export type Workload = ReadonlyMap<Shape, readonly Running[]>;

export interface Begun {
  readonly workload: Workload;
  /** All of them: some logs get more than they need. */
  readonly minted: readonly Running[];
}

/** Mints until each log has enough workflows. */
export async function beginWorkflows(scene: Scene): Promise<Begun> {
  const minted: Running[] = [];
  const needed = SHAPES.reduce((sum, shape) => sum + workflowsPerLog(shape), 0);
  const ofLog = (log: LogName) => minted.filter((one) => one.log === log);
  while (DECISION_LOGS.some((log) => ofLog(log).length < needed)) {
    const { token, workflow: id } = await mintedBy(scene);
    minted.push({ id, log: decisionLogOf(id, ''), ...(await attributed(token, scene)) });
  }
  const left = new Map(DECISION_LOGS.map((log) => [log, ofLog(log)]));
  const workload = new Map(
    SHAPES.map((shape) => [
      shape,
      DECISION_LOGS.flatMap((log) => left.get(log)?.splice(0, workflowsPerLog(shape)) ?? []),
    ]),
  );
  return { workload, minted };
}

/** The records of one batch, and the log that they are numbered for. */
export interface Batch {
  readonly log: LogName;
  readonly records: readonly DecisionRecord[];
}

/** Returns the records of workflows in batches of a shape, by log. */
export function batchesOf(
  { records, workflows, batches }: Shape,
  running: readonly Running[],
): readonly (readonly Batch[])[] {
  return [...Map.groupBy(running, (one) => one.log)].map(([log, own]) => {
    const verifier = new RecordingVerifier(`bench-${randomUUID().slice(0, 8)}`);
    const ofLog: Batch[] = [];
    for (let first = 0; first < own.length; first += workflows) {
      const group = own.slice(first, first + workflows);
      for (let n = 0; n < batches; n++) {
        const each = Array.from({ length: records / workflows }, () =>
          group.map((one) => verifier.decision(one)),
        );
        ofLog.push({ log, records: each.flat() });
      }
    }
    return ofLog;
  });
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
