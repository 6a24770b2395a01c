/** What runs in a process of Node: does one operation as often as it is asked to, over IPC. */
import { prepare, type Side } from '../operations/index.ts';
import { loadReference } from '../peers/reference.node.ts';

export interface Asked {
  readonly operation: string;
  readonly times: number;
}
/** Microseconds of CPU time of the whole process: the crypto threads count. */
export type Answered = { readonly spent: number } | { readonly failed: string };

const prepared = prepare(process.argv[2] as Side, loadReference);

process.on('message', async ({ operation, times }: Asked) => {
  process.send?.(await work(operation, times));
});

async function work(operation: string, times: number): Promise<Answered> {
  try {
    const run = (await prepared)[operation];
    if (run === undefined) return { failed: `no operation ${operation}` };
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++) await run();
    const { user, system } = process.cpuUsage(before);
    return { spent: user + system };
  } catch (error) {
    return { failed: String(error) };
  }
}
