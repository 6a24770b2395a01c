/**
 * The Node process under measurement: runs an operation as often as its parent requests, over IPC.
 */
import { prepare, type Side } from '../operations/index.ts';
import { loadReference } from '../peers/reference.node.ts';

export interface Asked {
  readonly operation: string;
  readonly times: number;
}
export type Answered =
  | {
      /** Microseconds of CPU time of the whole process, with its crypto threads. */
      readonly spent: number;
      /** After a full collection, if the process may request one. */
      readonly heapBytes: number;
    }
  | { readonly failed: string };

const prepared = prepare(process.argv[2] as Side, loadReference);

process.on('message', async ({ operation, times }: Asked) => {
  process.send?.(await work(operation, times));
});

async function work(operation: string, times: number): Promise<Answered> {
  try {
    const run = (await prepared)[operation];
    if (run === undefined) return { failed: `unknown operation ${operation}` };
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++) await run();
    const { user, system } = process.cpuUsage(before);
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { spent: user + system, heapBytes: heapUsed + arrayBuffers };
  } catch (error) {
    return { failed: String(error) };
  }
}
