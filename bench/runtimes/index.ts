/** The measured runtimes. Each side of a comparison runs in its own process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OPERATIONS, type OperationName, SIDES, type Side } from '../operations/index.ts';
import type { Case } from '../rounds.ts';
import { openInspector } from './inspector.ts';
import type { Answered, Asked } from './node-child.ts';
import { bundleWorker, startWorkerd, type Workerd } from './workerd.ts';

export { childNamed, childrenNamed, cpuMicroseconds, residentMebibytes } from './cpu.ts';
export {
  bundleWorker,
  startWorkerd,
  type Workerd,
  type WorkerFolder,
  workerdVersion,
} from './workerd.ts';

const NODE_CHILD = join(import.meta.dirname, 'node-child.ts');
/** A request that grows memory uses steps of this size: an isolate answers in between. */
const TIMES_PER_REQUEST = 1_000;
const WORKER = join(import.meta.dirname, 'worker.ts');

export interface Runtime {
  readonly cases: readonly Case[];
  readonly stop: () => Promise<void>;
}

const casesOf = (side: Side, spend: (name: string, times: number) => Promise<number>): Case[] =>
  OPERATIONS[side].map((name) => ({ name, spend: (times) => spend(name, times) }));

export async function startNode(): Promise<Runtime> {
  const children = SIDES.map((side) => ({ side, child: fork(NODE_CHILD, [side]) }));
  const cases = children.flatMap(({ side, child }) =>
    casesOf(side, async (operation, times) => (await ask(child, { operation, times })).spent),
  );
  const stop = async () => {
    for (const { child } of children) child.disconnect();
  };
  return { cases, stop };
}

async function ask(child: ChildProcess, asked: Asked) {
  child.send(asked);
  const [answer] = (await once(child, 'message')) as [Answered];
  if ('failed' in answer) throw new Error(`${asked.operation}: ${answer.failed}`);
  return answer;
}

/** Memory after more and more runs of one operation. */
export interface Grower {
  /** Runs the operation this many more times and returns the bytes in use. */
  readonly grow: (times: number) => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** The heap after a full collection. */
export async function growNode(side: Side, operation: OperationName): Promise<Grower> {
  const child = fork(NODE_CHILD, [side], { execArgv: ['--expose-gc'] });
  return {
    grow: async (times) => (await ask(child, { operation, times })).heapBytes,
    stop: async () => child.disconnect(),
  };
}

/** The isolate's heap after a full collection. */
export async function growWorkerd(side: Side, operation: OperationName): Promise<Grower> {
  const folder = await bundleWorker(WORKER);
  const workerd = await startWorkerd(folder);
  const inspector = await openInspector(workerd.inspectorPort);
  return {
    grow: async (times) => {
      for (let done = 0; done < times; done += TIMES_PER_REQUEST)
        await request(workerd, side, operation, Math.min(TIMES_PER_REQUEST, times - done));
      // Twice, because the second collection frees what the first one finalised.
      for (let i = 0; i < 2; i++) await request(workerd, side, operation, 0, 'collect');
      return inspector.heapBytes();
    },
    stop: async () => {
      inspector.close();
      await workerd.stop();
      await folder.remove();
    },
  };
}

export async function startWorkers(): Promise<Runtime> {
  const folder = await bundleWorker(WORKER);
  const started: Workerd[] = [];
  const stop = async () => {
    for (const workerd of started) await workerd.stop();
    await folder.remove();
  };
  try {
    const cases: Case[] = [];
    for (const side of SIDES) {
      const workerd = await startWorkerd(folder);
      started.push(workerd);
      cases.push(...casesOf(side, (name, times) => spend(workerd, side, name, times)));
    }
    return { cases, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * An isolate's clock stands still while it computes, so it is timed from outside, minus an empty
 * request.
 */
async function spend(workerd: Workerd, side: Side, operation: string, times: number) {
  const spent = await request(workerd, side, operation, times);
  return Math.max(0, spent - (await request(workerd, side, operation, 0)));
}

/** Microseconds of CPU time of one request. */
async function request(
  workerd: Workerd,
  side: Side,
  operation: string,
  times: number,
  then?: 'collect',
): Promise<number> {
  const before = await workerd.cpuMicroseconds();
  const query = new URLSearchParams({ operation, times: String(times) });
  if (then !== undefined) query.set(then, '');
  const response = await fetch(`${workerd.url}${side}?${query}`);
  const text = await response.text();
  if (!response.ok || text !== 'done') throw new Error(`${operation}: ${text}`);
  return (await workerd.cpuMicroseconds()) - before;
}
