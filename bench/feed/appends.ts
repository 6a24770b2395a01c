import { join } from 'node:path';
import { ISSUER_VARS } from '../issuer-vars.ts';
import { quantile, shuffled } from '../rounds.ts';
import { bundleWorker, startWorkerd, type Workerd } from '../runtimes/index.ts';

const WORKER = join(import.meta.dirname, 'log.worker.ts');

export interface AppendCase {
  readonly name: string;
  readonly atOnce: number;
  /** Entries of one append; 0: the baseline. */
  readonly batch: number;
  /** Appends in one round. */
  readonly times: number;
}

const APPENDS: readonly AppendCase[] = [
  { name: 'a bare row, no chain, no copy', atOnce: 1, batch: 0, times: 100 },
  { name: 'a bare row, no chain, no copy', atOnce: 8, batch: 0, times: 200 },
  { name: 'a bare row, no chain, no copy', atOnce: 64, batch: 0, times: 400 },
  { name: 'append', atOnce: 1, batch: 1, times: 50 },
  { name: 'append', atOnce: 8, batch: 1, times: 200 },
  { name: 'append', atOnce: 64, batch: 1, times: 400 },
  { name: 'appendAll of 64', atOnce: 1, batch: 64, times: 10 },
  { name: 'appendAll of 1,024', atOnce: 1, batch: 1_024, times: 2 },
];

export interface AppendRow extends AppendCase {
  readonly perSecond: number;
  /** CPU time of workerd for one entry. */
  readonly cpuMicroseconds: number;
}

/** Measures appends until they are committed and, except for the baseline, archived. */
export async function measureAppends(rounds: number): Promise<readonly AppendRow[]> {
  const objects = { REVOCATION_LOG: 'RevocationLog', FEED_ARCHIVE: 'FeedArchive', FLOOR: 'Floor' };
  const folder = await bundleWorker(WORKER, {}, { objects, vars: ISSUER_VARS });
  const workerd = await startWorkerd(folder);
  try {
    const samples = APPENDS.map((one) => ({ one, wall: [] as number[], cpu: [] as number[] }));
    for (let round = -1; round < rounds; round++) {
      for (const { one, wall, cpu } of shuffled(samples)) {
        const [milliseconds, microseconds] = await run(workerd, one);
        if (round < 0) continue;
        const entries = one.times * Math.max(1, one.batch);
        wall.push((entries * 1_000) / milliseconds);
        cpu.push(microseconds / entries);
      }
    }
    await mustBeArchived(workerd);
    return samples.map(({ one, wall, cpu }) => ({
      ...one,
      perSecond: quantile(wall, 0.5),
      cpuMicroseconds: quantile(cpu, 0.5),
    }));
  } finally {
    await workerd.stop();
    await folder.remove();
  }
}

async function run(workerd: Workerd, { times, atOnce, batch }: AppendCase) {
  const query = new URLSearchParams(
    Object.entries({ times, atOnce, batch }).map(([name, value]) => [name, String(value)]),
  );
  const [started, before] = [performance.now(), await workerd.cpuMicroseconds()];
  const response = await fetch(`${workerd.url}?${query}`);
  const text = await response.text();
  if (text !== 'done') throw new Error(`The log of the bench failed: ${response.status} ${text}`);
  const wall = performance.now() - started;
  return [wall, (await workerd.cpuMicroseconds()) - before] as const;
}

/** Checks that the counted entries were also archived. */
async function mustBeArchived(workerd: Workerd): Promise<void> {
  const answer = await fetch(`${workerd.url}archived`);
  const { archived } = (await answer.json()) as { readonly archived: number };
  if (archived === 0) throw new Error('The archive of the bench is empty.');
}
