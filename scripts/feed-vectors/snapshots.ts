import type { SnapshotReference } from '../../src/feed/index.ts';
import { EXPIRES, VectorLog } from './log.ts';
import { LOG, type SequenceVector, STOPPED, snapshotOf, step } from './steps.ts';

const FINGERPRINTS = 8;

/** One fingerprint in two groups, so with two minutes of expiry. */
async function twiceInTwoGroups(): Promise<SequenceVector> {
  const log = new VectorLog().append(
    { kind: 'workflow', id: 'wf_1' },
    { kind: 'workflow', id: 'wf_2', expires: EXPIRES + 60 },
  );
  const last = 2 * FINGERPRINTS;
  const twice = (hex: string) => hex.slice(0, -last) + hex.slice(-2 * last, -last);
  const snapshot = await snapshotOf(log, twice);
  const head = await log.head({ snapshot: snapshot.reference });
  const verdict = 'snapshot_invalid';
  return {
    name: 'a snapshot with one of them in two groups',
    steps: [await step({ head, snapshot: snapshot.hex, verdict })],
  };
}

/** A record of a kind that snapshots contain only as fingerprints. */
async function revokedAsRecord(): Promise<SequenceVector> {
  const log = new VectorLog().append({ kind: 'workflow', id: 'wf_1' });
  const record = log.delta();
  const length = (record.length / 2).toString(16).padStart(8, '0');
  const added = (hex: string) =>
    `${hex.slice(0, 34)}${length}${hex.slice(42, 50)}${record}${hex.slice(50)}`;
  const snapshot = await snapshotOf(log, added);
  const head = await log.head({ snapshot: snapshot.reference });
  const verdict = 'snapshot_invalid';
  return {
    name: 'a snapshot with a record of a revoked workflow',
    steps: [await step({ head, snapshot: snapshot.hex, verdict })],
  };
}

/** Adds an empty group after the only one. */
function withEmptyGroup(hex: string): string {
  const at = 66 + 2 * Number.parseInt(hex.slice(34, 42), 16);
  return `${hex.slice(0, 42)}00000002${hex.slice(50, at)}ffffffff00000000${hex.slice(at)}`;
}

/** Snapshots that the log signed although they are invalid. */
export async function snapshotSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().append(...LOG, { kind: 'workflow', id: 'wf_3' });
  const vector = async (
    name: string,
    verdict: string,
    change?: (hex: string) => string,
    reference: Partial<SnapshotReference> = {},
  ) => {
    const snapshot = await snapshotOf(log, change);
    const head = await log.head({ snapshot: { ...snapshot.reference, ...reference } });
    const stopped = verdict === 'ok' ? STOPPED : [];
    return { name, steps: [await step({ head, snapshot: snapshot.hex, verdict, stopped })] };
  };
  const tail = (hex: string, from: number, to?: number) =>
    hex.slice(
      hex.length - 2 * FINGERPRINTS * from,
      to === undefined ? undefined : hex.length - 2 * FINGERPRINTS * to,
    );
  const rest = (hex: string) => hex.slice(0, hex.length - 2 * FINGERPRINTS * 3);
  return [
    await vector('a snapshot', 'ok'),
    await vector('a snapshot of another version', 'snapshot_invalid', (hex) => `01${hex.slice(2)}`),
    await vector('a snapshot of one fewer', 'snapshot_invalid', undefined, { count: 2 }),
    await vector('a snapshot of one more', 'snapshot_invalid', undefined, { count: 4 }),
    await vector('a snapshot of other bytes', 'snapshot_invalid', undefined, {
      hash: '0'.repeat(64),
    }),
    await vector('a snapshot of another length', 'snapshot_invalid', undefined, { bytes: 1 }),
    await vector(
      'a snapshot out of order',
      'snapshot_invalid',
      (hex) => rest(hex) + tail(hex, 2, 1) + tail(hex, 3, 2) + tail(hex, 1),
    ),
    await vector(
      'a snapshot with one of them twice',
      'snapshot_invalid',
      (hex) => rest(hex) + tail(hex, 3, 2) + tail(hex, 3, 2) + tail(hex, 1),
    ),
    await vector('a snapshot with a byte more', 'snapshot_invalid', (hex) => `${hex}00`),
    await twiceInTwoGroups(),
    await revokedAsRecord(),
    await vector('a snapshot with an empty group', 'snapshot_invalid', withEmptyGroup),
    await vector('a snapshot that is cut', 'snapshot_invalid', (hex) => hex.slice(0, -2)),
    await vector(
      'a snapshot whose records are longer than it',
      'snapshot_invalid',
      (hex) => `${hex.slice(0, 34)}ffffffff${hex.slice(42)}`,
    ),
    await vector(
      'a snapshot with more groups than it has',
      'snapshot_invalid',
      (hex) => `${hex.slice(0, 42)}ffffffff${hex.slice(50)}`,
    ),
  ];
}
