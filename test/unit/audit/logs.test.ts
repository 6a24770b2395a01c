import { describe, expect, test } from 'vitest';
import {
  CONTROL_LOG,
  DECISION_LOGS,
  decisionLogOf,
  isEarlierOrigin,
  isLogName,
  logKindOf,
  logOf,
  logsBaseOf,
  nextControlLog,
  originOf,
  RECORD_KINDS,
} from '../../../src/audit/index.ts';

test('keeps the trail of a workflow and of its children in one log', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const root = `wf${i}_abcdefghijklmnopqrstuv`;
    const log = decisionLogOf(root, 'a');
    expect(decisionLogOf(`${root}.child`, 'b')).toBe(log);
    expect(DECISION_LOGS).toContain(log);
    seen.add(log);
  }
  expect(seen.size).toBe(DECISION_LOGS.length);
});

test('assigns the logs that were assigned before', () => {
  // A change would tear the trails of living workflows apart.
  expect(decisionLogOf('wf_abc', 'v')).toBe('decisions-1-2');
  expect(decisionLogOf(undefined, 'api-1')).toBe('decisions-1-1');
});

test.each([
  ['control', 'control'],
  ['control-2', 'control'],
  ['decisions-1-3', 'decisions'],
  ['root', 'root'],
  ['old', 'old'],
  ['feed-0', 'feed'],
  ['feed-12', 'feed'],
])('reads the name %s', (name, kind) => {
  expect(isLogName(name) && logKindOf(name)).toBe(kind);
});

test.each([
  ...['', 'Control', 'control-', 'control-0', 'control-1', 'control-02', 'control/2', 'control\n'],
  ...[
    'decisions-1',
    'decisions-0-1',
    'decisions-1-01',
    'decisions-1-2-3',
    'feed',
    'feed-',
    'feed-01',
  ],
])('refuses the name %j', (name) => {
  expect(isLogName(name)).toBe(false);
});

test('continues a control log in the next one, and no other', () => {
  expect(nextControlLog(CONTROL_LOG)).toBe('control-2');
  expect(nextControlLog('control-9')).toBe('control-10');
  expect(() => nextControlLog('root')).toThrow(TypeError);
});

test.each([
  ['https://issuer.example', 'control', 'issuer.example/audit/control'],
  ['https://issuer.example/', 'decisions-1-2', 'issuer.example/audit/decisions-1-2'],
  ['https://issuer.example/tenant', 'root', 'issuer.example/tenant/audit/root'],
  ['http://localhost:8787', 'feed-0', 'localhost:8787/feed/0'],
] as const)('names the log of %s and %s to the world', (issuer, log, origin) => {
  expect(originOf(issuer, log)).toBe(origin);
});

test.each([
  ['issuer.example/audit/control', 'issuer.example/7/audit/control', true],
  ['issuer.example/7/audit/control', 'issuer.example/12/audit/control', true],
  ['issuer.example/feed/0', 'issuer.example/7/feed/0', true],
  ['issuer.example/7/audit/control', 'issuer.example/audit/control', false],
  ['issuer.example/7/audit/control', 'issuer.example/7/audit/control', false],
  ['issuer.example/audit/root', 'issuer.example/7/audit/control', false],
  ['other.example/audit/control', 'issuer.example/7/audit/control', false],
  ['', 'issuer.example/7/audit/control', false],
] as const)('knows whether %s is %s in an earlier generation', (earlier, origin, is) => {
  expect(isEarlierOrigin(earlier, origin)).toBe(is);
  expect(originOf(logsBaseOf('https://issuer.example/', 7), 'control')).toBe(
    'issuer.example/7/audit/control',
  );
});

describe('a record belongs to', () => {
  const of = (members: object) => logOf({ id: 'x', at: 0, ...members } as never);

  test('the control log if it gives or takes power', () => {
    for (const event of Object.keys(RECORD_KINDS)) {
      if (event === 'checkpoint') continue; // Of the root log.
      const isOfCalls = ['gap', 'dispatch', 'outcome', 'decision', 'refusals'].includes(event);
      const log = of({ event, workflow: 'wf_abc', verifier: 'v', reasons: [] });
      expect([event, log === CONTROL_LOG]).toEqual([event, !isOfCalls || event === 'refusals']);
    }
  });

  test('the decision log of its workflow if a verifier made it, or of the verifier without one', () => {
    expect(of({ event: 'decision', workflow: 'wf_abc.x', verifier: 'v' })).toBe('decisions-1-2');
    expect(of({ event: 'decision', verifier: 'api-1' })).toBe('decisions-1-1');
    expect(of({ event: 'gap', verifier: 'api-1' })).toBe('decisions-1-1');
  });

  test('the log of the refusals that it counts', () => {
    expect(of({ event: 'refusals', reasons: [{ at: 'token' }] })).toBe(CONTROL_LOG);
    expect(of({ event: 'refusals', reasons: [{ at: 'call' }] })).toMatch(/^decisions-/);
  });

  test('the control log if this release does not know its kind', () => {
    expect(of({ event: 'constructor' })).toBe(CONTROL_LOG);
    expect(of({ event: 'decision', workflow: { sha256: '', bytes: 1 }, verifier: 'api-1' })).toBe(
      'decisions-1-1',
    );
  });
});
