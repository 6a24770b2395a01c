import { afterEach, expect, test } from 'vitest';
import { effort } from '../../effort.ts';
import { LocalIssuer } from './local-issuer.ts';
import { type Entry, entriesOf, forked, newestCheckpoint } from './log-check.ts';
import { closeAll, deliverOwed, LOGS, LogOrders, stormLogs } from './log-storm.ts';

const soakRuns = Number(process.env.HEWN_SOAK_RUNS ?? 0);
const firstSeed = Number(process.env.HEWN_SOAK_SEED ?? 1);
const rounds = soakRuns || effort(2, 4);

let issuer: LocalIssuer | undefined;
afterEach(() => issuer?.close());

const twice = (list: readonly string[]): string[] => {
  const seen = new Set<string>();
  return list.filter((one) => seen.size === seen.add(one).size);
};
const lacking = (wanted: Iterable<string>, all: readonly string[]): string[] => {
  const there = new Set(all);
  return [...wanted].filter((one) => !there.has(one));
};

/** Reads all logs to their ends, and holds them against what was acknowledged and shown. */
async function checkLogs(running: LocalIssuer, orders: LogOrders): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for (const log of LOGS) {
    const { size } = await newestCheckpoint(running, log);
    // A receipt of the last record moves all of them to the archive.
    await running.admin(`audit/logs/${log}/receipts/${size}`);
    orders.seen.push(await newestCheckpoint(running, log));
    const entries = await entriesOf(running, log);
    expect(forked(orders.seen, log, entries)).toEqual([]);
    all.push(...entries);
  }
  const idsOf = (event: string) => all.filter(({ record }) => record.event === event);
  expect(twice(all.map(({ record }) => record.id))).toEqual([]);
  const recorded = idsOf('decision').map(({ record }) => record.id);
  expect(lacking(orders.recorded, recorded)).toEqual([]);
  const minted = idsOf('mint').map(({ record }) => record.workflow ?? '');
  expect(twice(minted)).toEqual([]);
  expect(lacking(orders.minted, minted)).toEqual([]);
  const text = JSON.stringify(all.filter(({ record }) => orders.erased.has(record.id)));
  for (const subject of orders.erased.values()) expect(text).not.toContain(`"${subject}"`);
  return all;
}

test.each([
  { archive: 'a bucket', hasBucket: true },
  { archive: 'objects', hasBucket: false },
])(
  'a runtime that is killed while logs are written to $archive keeps all that it acknowledged, once',
  async ({ hasBucket }) => {
    issuer = await LocalIssuer.build({ hasBucket });
    await issuer.start();
    const orders = new LogOrders();
    for (let round = 0; round < rounds; round++) {
      const seed = firstSeed + round;
      await stormLogs(issuer, orders, { seed, milliseconds: 700 + ((seed * 379) % 900) });
      await issuer.start();
      await deliverOwed(issuer, orders);
      await checkLogs(issuer, orders);
    }
    // Killed among the records that close workflows, and once more after all of them.
    const closing = closeAll(issuer, orders.minted).catch(() => undefined);
    await new Promise((passed) => setTimeout(passed, 300));
    await issuer.kill();
    await closing;
    await issuer.start();
    await closeAll(issuer, orders.minted);
    await issuer.kill();
    await issuer.start();
    const all = await checkLogs(issuer, orders);
    const closed = all.filter(({ record }) => record.event === 'closing');
    const names = closed.map(({ record }) => record.workflow ?? '');
    expect(lacking(orders.minted, names)).toEqual([]);
    expect(twice(names)).toEqual([]);
    expect(orders.seen.length).toBeGreaterThan(10);
  },
  120_000 + rounds * 60_000,
);
