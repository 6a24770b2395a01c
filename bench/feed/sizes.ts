import { FeedReplica } from '../../src/feed/index.ts';
import { decodeRecords, encodeEntry } from '../../src/feed/log/index.ts';
import { quantile } from '../rounds.ts';
import { unwrap } from '../unwrap.ts';
import {
  AT,
  deltaOf,
  entryAt,
  feedKey,
  headOf,
  ISSUER,
  revocations,
  signed,
  snapshotOf,
} from './content.ts';

/** Bytes on the wire, and CPU time to write and to apply, in microseconds. */
export interface SizeRow {
  readonly what: string;
  readonly bytes: number;
  readonly encode: number;
  /** All work of a verifier: signature, chain, hash and table. */
  readonly apply: number;
}

export async function headRow(what: string, of: Parameters<typeof headOf>[0], times: number) {
  const head = headOf(of);
  const wire = await signed(head);
  const replica = new FeedReplica({ issuer: ISSUER, feedKey });
  return {
    what,
    bytes: Buffer.byteLength(JSON.stringify(wire)),
    encode: await cpu(times, () => signed(head)),
    apply: await cpu(times, async () => unwrap(await replica.open(wire, AT))),
  } satisfies SizeRow;
}

export async function deltaRow(entries: number, times: number): Promise<SizeRow> {
  const delta = deltaOf(0, entries);
  const list = Array.from({ length: entries }, (_, at) => entryAt(at + 1));
  const head = headOf({ delta: list });
  const wire = await signed(head);
  if (decodeRecords(delta)?.length !== entries)
    throw new Error('The delta of the bench does not decode.');
  const apply = async () => {
    const replica = new FeedReplica({ issuer: ISSUER, feedKey });
    const opened = unwrap(await replica.open(wire, AT));
    unwrap(await replica.apply(opened, { deltas: [delta] }));
  };
  return {
    what: `delta of ${entries}`,
    bytes: delta.length,
    encode: await cpu(times, () => list.map(encodeEntry)),
    apply: await cpu(times, apply),
  };
}

export async function snapshotRow(count: number, times: number): Promise<SizeRow> {
  // The ids are made in advance, because hashing them is not part of the measurement.
  const list = [...revocations(count)];
  const bytes = snapshotOf(list);
  const head = headOf({ snapshot: { bytes, count } });
  const wire = await signed(head);
  const apply = async () => {
    const replica = new FeedReplica({ issuer: ISSUER, feedKey });
    const opened = unwrap(await replica.open(wire, AT));
    unwrap(await replica.apply(opened, { snapshot: bytes, deltas: [] }));
    if (replica.size !== count) throw new Error('The snapshot of the bench was not applied.');
  };
  return {
    what: `snapshot of ${count.toLocaleString('en-US')}`,
    bytes: bytes.length,
    encode: await cpu(times, () => snapshotOf(list)),
    apply: await cpu(times, apply),
  };
}

/** Returns the median CPU time of all threads in `times` runs, in microseconds. */
async function cpu(times: number, run: () => unknown): Promise<number> {
  const spent: number[] = [];
  for (let time = 0; time < times; time++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    spent.push(user + system);
  }
  return quantile(spent, 0.5);
}
