/**
 * One side of the look-up benchmark in its own process: a replica, or a `Set` of strings. Its
 * arguments select the side and the size. It reports its memory, and then looks up on request.
 */
import { FeedReplica } from '../../src/feed/index.ts';
import { unwrap } from '../unwrap.ts';
import {
  AT,
  feedKey,
  headOf,
  ISSUER,
  questionOf,
  revocations,
  signed,
  snapshotOf,
  workflowId,
} from './content.ts';

export type Side = 'replica' | 'set' | 'neither';
export type ReplicaAnswer =
  | { readonly bytes: number }
  | { readonly spent: number; readonly found: number };

const [side, countText] = process.argv.slice(2);
const count = Number(countText);
/** Half of them are revoked. */
const PROBES = 4_096;

const bytesInUse = (): number => {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  // Array buffers are part of `external`.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

async function fill(): Promise<(id: string) => boolean> {
  if (side === 'neither') return () => false;
  if (side === 'set') {
    const ids = new Set<string>();
    for (const { kind, id } of revocations(count)) ids.add(`${kind} ${id}`);
    return (id) => ids.has(`workflow ${id}`);
  }
  const replica = new FeedReplica({ issuer: ISSUER, feedKey });
  const snapshot = snapshotOf(revocations(count));
  const wire = await signed(headOf({ snapshot: { bytes: snapshot, count } }));
  const head = unwrap(await replica.open(wire, AT));
  unwrap(await replica.apply(head, { snapshot, deltas: [] }));
  const question = { ...questionOf('') };
  return (id) => replica.find(Object.assign(question, { workflow: id })) !== undefined;
}

// Measured before and after, to exclude the memory of the process itself.
const before = bytesInUse();
const has = await fill();
const used = bytesInUse() - before;

// Each id is sliced from one text, because a string from a token has no cached hash yet.
const probes = Array.from({ length: PROBES }, (_, at) =>
  workflowId(at % 2 === 0 ? Math.floor((at * count) / PROBES) : count + at),
).join('');
const length = probes.length / PROBES;

process.on('message', (times: number) => {
  let found = 0;
  const started = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    const at = (i % PROBES) * length;
    if (has(probes.slice(at, at + length))) found += 1;
  }
  const { user, system } = process.cpuUsage(started);
  process.send?.({ spent: user + system, found } satisfies ReplicaAnswer);
});
process.once('disconnect', () => process.exit());
process.send?.({ bytes: used } satisfies ReplicaAnswer);
