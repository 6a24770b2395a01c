/**
 * One side of the look-up in a process of its own: a replica, or a `Set` of strings. Told by its
 * arguments which and how many; tells its memory, then looks up as often as it is asked to.
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
/** Of each, half are revoked. */
const PROBES = 4_096;

const bytesInUse = (): number => {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  // What array buffers take is in `external`.
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

// Before and after: what the process takes by itself is no part of it.
const before = bytesInUse();
const has = await fill();
const held = bytesInUse() - before;

// One text, sliced again for each look-up: a string from a token has not cached its hash yet.
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
process.send?.({ bytes: held } satisfies ReplicaAnswer);
