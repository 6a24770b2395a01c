import { expect, test } from 'vitest';
import { lastUsesOf, minutesOf } from '../../../src/activity/index.ts';
import type { DecisionRecord, MintRecord } from '../../../src/audit/index.ts';

/** Rows of the index are written once for all records that say something of them. */

const MINUTE = 60_000;

const call = (members: Partial<DecisionRecord>): DecisionRecord => ({
  event: 'decision',
  id: 'gw.1',
  verifier: 'gw',
  n: 1,
  at: 0,
  workflow: 'wf_one',
  agent: 'reporter',
  blocks: [],
  tool: 'files.read',
  datasets: ['files/reports'],
  allowed: true,
  ...members,
});
const mint = (at: number) => ({ event: 'mint', id: 'mint.1', at }) as MintRecord;

test('counts calls, denials and mints by minute', () => {
  const denied = { allowed: false, code: 'no_grant' } as const;
  const records = [
    call({ at: 1 }),
    call({ at: 59_999, ...denied }),
    mint(2),
    call({ at: MINUTE, ...denied, observed: true }),
  ];
  expect(minutesOf(records)).toEqual([
    { minute: 0, calls: 2, denials: 1, mints: 1 },
    { minute: 60, calls: 1, denials: 0, mints: 0 },
  ]);
});

test('adds up allowed calls of an agent with a tool on a dataset, and keeps the newest time', () => {
  const records = [
    call({ at: 5, workflow: 'wf_new' }),
    call({ at: 3, workflow: 'wf_old.1' }),
    call({ allowed: false }),
    call({ at: 4, datasets: ['files/reports', 'files/notes'] }),
    call({ at: 6, datasets: [] }),
    call({ workflow: undefined }),
  ];
  const use = { agent: 'reporter', tool: 'files.read' };
  expect(lastUsesOf(records)).toEqual([
    { ...use, dataset: 'files/reports', calls: 3, at: 5, root: 'wf_new' },
    { ...use, dataset: 'files/notes', calls: 1, at: 4, root: 'wf_one' },
    { ...use, dataset: '', calls: 1, at: 6, root: 'wf_one' },
  ]);
});
