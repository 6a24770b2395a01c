import type { Head, Position } from '../../src/feed/index.ts';
import { denialSequences } from './denials.ts';
import { EXPIRES, NOW, VectorLog } from './log.ts';
import { snapshotSequences } from './snapshots.ts';
import { BLOCK, LOG, type SequenceVector, STOPPED, type Step, snapshotOf, step } from './steps.ts';

async function deltaSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().append(...LOG);
  const first = await step({ head: await log.head({}, 2), deltas: [log.delta(0, 2)] });
  const stopped = [{ workflow: 'wf_1', by: 'workflow' }];
  const then = async (name: string, verdict: string, parts: Partial<Step>) => {
    const head = await log.head();
    return {
      name,
      steps: [first, await step({ head, deltas: [log.delta(2)], stopped, ...parts, verdict })],
    };
  };
  const forked = new VectorLog().append(LOG[0] ?? { kind: 'block', id: BLOCK }, {
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
          head: await log.head({}, 3),
          deltas: [log.delta(0, 3)],
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
          verdict: 'entries_gap',
          stopped: [{ workflow: 'wf_9', by: 'watermark' }],
        }),
      ],
    },
  ];
}

async function epochSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().append(...LOG);
  const first = await step({ head: await log.head(), deltas: [log.delta()] });
  const next = async (previous: Position, changes: Partial<Head> = {}) => {
    const start = { epoch: 2, previous };
    const base = await new VectorLog(start).position();
    const { hex, reference } = await snapshotOf(
      new VectorLog(start).append({ kind: 'workflow', id: 'wf_5' }),
    );
    const later = new VectorLog(start).append({ kind: 'workflow', id: 'wf_6' });
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
  const vector = async (name: string, parts: Step, verdict = 'ok') => ({
    name,
    steps: [first, await step({ stopped: kept, ...parts, verdict })],
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
  ...(await denialSequences()),
];
