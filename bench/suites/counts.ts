/**
 * What one token request makes the issuer do: calls between objects, SQL statements, rows, alarms
 * and writes that wait for the disk. Counted, not timed, so any machine prints the same.
 */
import { readTallies, startCountedScene } from '../cost/counted-scene.ts';
import { countSyncs } from '../cost/syncs.ts';
import { sumOf, type Tallies } from '../cost/tally.ts';
import { createClient, operationsOf, type Prepared, type Scene } from '../mint/index.ts';
import type { Report } from '../report.ts';

/** Enough for a share of a call in a minute to be visible. */
const REQUESTS = 20;
/** The first requests create objects and read policy and keys. */
const WARM_REQUESTS = 5;

interface Counted {
  readonly name: string;
  readonly tallies: Tallies;
  /** Undefined without strace. */
  readonly syncs: number | undefined;
}

export async function countsReport(): Promise<Report> {
  const scene = await startCountedScene();
  try {
    const counted: Counted[] = [];
    for (const { name, prepare } of operationsOf(scene)) {
      if (name.endsWith('metadata')) continue;
      await send(await prepare(WARM_REQUESTS));
      counted.push(await countOne(name, await prepare(REQUESTS), scene));
    }
    return report(counted);
  } finally {
    await scene.stop();
  }
}

async function countOne(
  name: string,
  requests: readonly Prepared[],
  scene: Scene,
): Promise<Counted> {
  await readTallies(scene);
  const syncs = await countSyncs(scene.pid, () => send(requests));
  return { name, tallies: await readTallies(scene), syncs };
}

/** One at a time: what a group of requests shares, one alone pays for. */
async function send(requests: readonly Prepared[]): Promise<void> {
  const client = createClient();
  await client.send(requests, 1);
  client.close();
}

function report(counted: readonly Counted[]): Report {
  const each = (count: number) => (count / REQUESTS).toFixed(2);
  return {
    suite: 'counts',
    title: `What one token request makes the issuer do, means of ${REQUESTS} requests`,
    columns: ['', 'object calls', 'SQL', 'rows read', 'rows written', 'alarms set', 'syncs'],
    rows: counted.flatMap(({ name, tallies, syncs }) => {
      const line = (title: string, all: Parameters<typeof sumOf>[0], more: string) => {
        const { calls, statements, rowsRead, rowsWritten, alarmsSet } = sumOf(all);
        const numbers = [calls, statements, rowsRead, rowsWritten, alarmsSet].map(each);
        return [title, ...numbers, more];
      };
      return [
        line(name, Object.values(tallies), syncs === undefined ? '-' : each(syncs)),
        ...Object.entries(tallies).map(([object, tally]) => line(`  ${object}`, [tally], '')),
      ];
    }),
    data: { requests: REQUESTS, counted },
  };
}
