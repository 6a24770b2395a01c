/** The runtimes that are measured: each side of a comparison in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OPERATIONS, SIDES, type Side } from '../operations/index.ts';
import type { Case } from '../rounds.ts';
import type { Answered, Asked } from './node-child.ts';
import { bundleWorker, startWorkerd, type Workerd } from './workerd.ts';

export { workerdVersion } from './workerd.ts';

export interface Runtime {
  readonly cases: readonly Case[];
  readonly stop: () => Promise<void>;
}

const casesOf = (side: Side, spend: (name: string, times: number) => Promise<number>): Case[] =>
  OPERATIONS[side].map((name) => ({ name, spend: (times) => spend(name, times) }));

export async function startNode(): Promise<Runtime> {
  const script = join(import.meta.dirname, 'node-child.ts');
  const children = SIDES.map((side) => ({ side, child: fork(script, [side]) }));
  const cases = children.flatMap(({ side, child }) =>
    casesOf(side, async (operation, times) => {
      child.send({ operation, times } satisfies Asked);
      const [answer] = (await once(child, 'message')) as [Answered];
      if ('failed' in answer) throw new Error(`${operation}: ${answer.failed}`);
      return answer.spent;
    }),
  );
  const stop = async () => {
    for (const { child } of children) child.disconnect();
  };
  return { cases, stop };
}

export async function startWorkers(): Promise<Runtime> {
  const folder = await bundleWorker(join(import.meta.dirname, 'worker.ts'));
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

/** Its clock stands still while it computes: timed from outside, less an empty request. */
async function spend(workerd: Workerd, side: Side, operation: string, times: number) {
  const request = async (count: number) => {
    const before = await workerd.cpuMicroseconds();
    const query = new URLSearchParams({ operation, times: String(count) });
    const response = await fetch(`${workerd.url}${side}?${query}`);
    const text = await response.text();
    if (!response.ok || text !== 'done') throw new Error(`${operation}: ${text}`);
    return (await workerd.cpuMicroseconds()) - before;
  };
  const spent = await request(times);
  return Math.max(0, spent - (await request(0)));
}
