import { expect, test } from 'vitest';
import type { LogState } from '../../../workers/issuer/log/binding.ts';
import { faultsOf, type LogFault, silentWitnesses } from '../../../workers/issuer/log/health.ts';

const NOW = Date.UTC(2026, 10, 29);
const checkpoint = { size: 10, root: '', at: NOW - 1_000 };
const HEALTHY: LogState = {
  log: 'control',
  origin: 'issuer.example/audit/control',
  size: 12,
  committed: 10,
  floor: 0,
  checkpoint,
  months: [],
  pendingBytes: 100,
  pendingSince: NOW - 50_000,
  fill: 0.1,
  witnesses: [{ name: 'witness.example', size: 10 }],
  schema: { object: 'TransparencyLog', stored: 1, known: 1 } as never,
};
const { checkpoint: _, ...UNSIGNED } = HEALTHY;

test.each<[string, LogState, readonly LogFault[]]>([
  ['nothing', HEALTHY, []],
  ['that it stopped', { ...HEALTHY, stopped: 'forked' }, ['stopped']],
  ['that nothing was ever signed', UNSIGNED, ['unsigned']],
  [
    'that it is no longer signed',
    { ...HEALTHY, committed: 12, checkpoint: { ...checkpoint, at: NOW - 3_600_000 } },
    ['unsigned'],
  ],
  ['no checkpoint that is only a moment behind', { ...HEALTHY, committed: 12 }, []],
  ['a record that waits', { ...HEALTHY, pendingSince: NOW - 300_000 }, ['late']],
  [
    'no decision that waits for its round',
    { ...HEALTHY, log: 'decisions-1-0', pendingSince: NOW - 300_000 },
    [],
  ],
  ['that it fills', { ...HEALTHY, fill: 0.8 }, ['filling']],
  [
    'a witness that has an older checkpoint',
    { ...HEALTHY, witnesses: [{ name: 'witness.example', size: 9 }] },
    ['witness_silent'],
  ],
])('says %s', (_name, state, faults) => {
  expect(faultsOf(state, NOW)).toEqual(faults);
  const isSilent = faults.includes('witness_silent');
  expect(silentWitnesses(state)).toEqual(isSilent ? ['witness.example'] : []);
});
