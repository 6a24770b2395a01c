import { fromHex, toHex, utf8 } from '../../src/encoding.ts';
import {
  encodeSnapshot,
  type FeedFloor,
  type Head,
  type Position,
  type ResumptionEntry,
  type Signed,
  type SnapshotReference,
  type SuspensionEntry,
} from '../../src/feed/index.ts';
import { EXPIRES, NOW, type Said, sha256, signAsHead, VectorLog } from './log.ts';

/** What a verifier is offered, one thing after the other, and what it makes of it. */
export interface SequenceVector {
  readonly name: string;
  readonly floor?: FeedFloor;
  readonly steps: readonly StepVector[];
}

export interface StepVector {
  /** Unix seconds. */
  readonly now: number;
  readonly head: Signed;
  /** Hex. */
  readonly snapshot?: string;
  readonly deltas: readonly string[];
  /** `ok`, or the code of the refusal: then what was held before still holds. */
  readonly verdict: string;
  /** What stops a token of this workflow, gen and blocks after the step; null: nothing. */
  readonly stopped: readonly {
    readonly workflow: string;
    readonly ancestors?: readonly string[];
    readonly gen?: number;
    readonly blocks?: readonly string[];
    readonly by: string | null;
  }[];
}

const BLOCK = 'cd'.repeat(64);
const SALT = utf8('sixteen bytes ok');

const LOG: readonly Said[] = [
  { kind: 'workflow', id: 'wf_1' },
  { kind: 'block', id: BLOCK },
  { kind: 'suspension', id: 'wf_2' },
  { kind: 'resumption', id: 'wf_2', gen: 2 },
];

interface Step extends Omit<Partial<StepVector>, 'head'> {
  readonly head: Head;
}

const step = async ({ head, ...said }: Step): Promise<StepVector> => ({
  ...{ now: NOW, head: await signAsHead(head), deltas: [], verdict: 'ok', stopped: [] },
  ...said,
});

async function snapshotOf(log: VectorLog, change?: (hex: string) => string) {
  const revoked = log.entries.filter((one) => one.kind === 'workflow' || one.kind === 'block');
  const stops = log.entries.filter(
    (one): one is SuspensionEntry | ResumptionEntry =>
      one.kind === 'suspension' || one.kind === 'resumption',
  );
  const honest = toHex(encodeSnapshot({ revoked, stops }, SALT) ?? new Uint8Array());
  const hex = change ? change(honest) : honest;
  const bytes = fromHex(hex) ?? new Uint8Array();
  const { seq, chain } = await log.position();
  const [hash, count] = [await sha256(bytes), revoked.length];
  return { hex, reference: { seq, chain, hash, bytes: bytes.length, count } };
}

const STOPPED: StepVector['stopped'] = [
  { workflow: 'wf_1', by: 'workflow' },
  { workflow: 'wf_9', ancestors: ['wf_1'], by: 'workflow' },
  { workflow: 'wf_9', blocks: ['00'.repeat(64), BLOCK], by: 'block' },
  { workflow: 'wf_2', gen: 1, by: 'generation' },
  { workflow: 'wf_2', gen: 2, by: null },
  { workflow: 'wf_9', by: null },
];

async function deltaSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().say(...LOG);
  const first = await step({ head: await log.head({}, 2), deltas: [log.delta(0, 2)] });
  const held = [{ workflow: 'wf_1', by: 'workflow' }];
  const then = async (name: string, verdict: string, said: Partial<Step>) => {
    const head = await log.head();
    return {
      name,
      steps: [first, await step({ head, deltas: [log.delta(2)], stopped: held, ...said, verdict })],
    };
  };
  const forked = new VectorLog().say(LOG[0] ?? { kind: 'block', id: BLOCK }, {
    kind: 'block',
    id: 'ff',
  });
  return [
    {
      name: 'from nothing to the end',
      steps: [await step({ head: await log.head(), deltas: [log.delta()], stopped: STOPPED })],
    },
    await then('in two deltas', 'ok', { stopped: STOPPED }),
    await then('in two deltas at once', 'ok', {
      deltas: [log.delta(2, 3), log.delta(3)],
      stopped: STOPPED,
    }),
    {
      name: 'while a workflow is suspended',
      steps: [
        await step({
          ...{ head: await log.head({}, 3), deltas: [log.delta(0, 3)] },
          stopped: [
            { workflow: 'wf_2', gen: 9, by: 'suspension' },
            { workflow: 'wf_9', ancestors: ['wf_2'], by: 'suspension' },
          ],
        }),
      ],
    },
    await then('a gap', 'entries_gap', { deltas: [log.delta(3)] }),
    await then('an entry twice', 'entries_gap', { deltas: [log.delta(1)] }),
    await then('too few entries', 'entries_gap', { deltas: [log.delta(2, 3)] }),
    await then('a delta that is cut', 'delta_malformed', { deltas: [log.delta(2).slice(0, -2)] }),
    await then('an entry that was changed', 'chain_mismatch', {
      deltas: [log.delta(2).replace('77665f32', '77665f33')],
    }),
    await then('an older head', 'head_rollback', { head: await log.head({}, 1), deltas: [] }),
    await then('the same head said earlier', 'head_rollback', {
      head: await log.head({ issued_at: NOW - 1 }, 2),
      deltas: [],
    }),
    await then('a fork', 'head_fork', { head: await forked.head(), deltas: [] }),
    {
      name: 'behind the floor of the life before',
      floor: { ...(await log.position()), issued_at: NOW },
      steps: [
        await step({
          head: await log.head({}, 3),
          deltas: [log.delta(0, 3)],
          verdict: 'head_rollback',
        }),
      ],
    },
    {
      name: 'a watermark of the head, where its delta does not come',
      steps: [
        await step({
          head: await log.head({
            watermarks: [{ scope: 'all', value: '', before: NOW, expires: EXPIRES }],
          }),
          ...{ verdict: 'entries_gap', stopped: [{ workflow: 'wf_9', by: 'watermark' }] },
        }),
      ],
    },
  ];
}

const FINGERPRINTS = 8;

/** Snapshots that their keeper signed for, and that are none all the same. */
async function snapshotSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().say(...LOG, { kind: 'workflow', id: 'wf_3' });
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

async function epochSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().say(...LOG);
  const first = await step({ head: await log.head(), deltas: [log.delta()] });
  const next = async (previous: Position, changes: Partial<Head> = {}) => {
    const start = { epoch: 2, previous };
    const base = await new VectorLog(start).position();
    const { hex, reference } = await snapshotOf(
      new VectorLog(start).say({ kind: 'workflow', id: 'wf_5' }),
    );
    const later = new VectorLog(start).say({ kind: 'workflow', id: 'wf_6' });
    const snapshot = { ...reference, seq: base.seq, chain: base.chain };
    return {
      head: await later.head({ snapshot, ...changes }),
      snapshot: hex,
      deltas: [later.delta()],
    };
  };
  const end = await log.position();
  const kept = [{ workflow: 'wf_1', by: 'workflow' }];
  const entered = [
    ...kept,
    { workflow: 'wf_5', by: 'workflow' },
    { workflow: 'wf_6', by: 'workflow' },
  ];
  const vector = async (name: string, said: Step, verdict = 'ok') => ({
    name,
    steps: [first, await step({ stopped: kept, ...said, verdict })],
  });
  const { snapshot: _, ...bare } = await next(end);
  return [
    await vector('a new epoch keeps what the one before revoked', {
      ...(await next(end)),
      stopped: entered,
    }),
    await vector('a new epoch without its snapshot', bare, 'entries_gap'),
    await vector(
      'a new epoch that forgets the last entry',
      await next(await log.position(3)),
      'head_epoch',
    ),
    await vector(
      'a new epoch after another end',
      await next({ ...end, chain: '0'.repeat(64) }),
      'head_fork',
    ),
    await vector(
      'a new epoch said earlier',
      await next(end, { issued_at: NOW - 1 }),
      'head_rollback',
    ),
  ];
}

export const sequenceVectors = async (): Promise<SequenceVector[]> => [
  ...(await deltaSequences()),
  ...(await snapshotSequences()),
  ...(await epochSequences()),
];
