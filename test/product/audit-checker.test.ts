import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  checkpointOf,
  decision,
  exportOf,
  LOG_KEY,
  logOfRecords,
  receiptOf,
  WITNESS_KEY,
} from '../unit/audit/proof/signed-log.ts';

/**
 * A checker in another language, which shares no code with the log, comes to the same verdicts.
 * `.ci/run` installs Python; on other machines the test skips itself without it.
 */
const CHECKER = join(import.meta.dirname, '../../examples/audit-checker/check.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn('no python3: the independent checker of the audit log is not run');

const folder = mkdtempSync(join(tmpdir(), 'hewn-checker-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Returns `ok`, or the findings. */
function check(text: string, { keys = [LOG_KEY, WITNESS_KEY], known = [] as string[] } = {}) {
  const checkpoints = known.flatMap((note, n) => ['--checkpoint', file(`known-${n}`, note)]);
  const words = [CHECKER, file('subject', text), ...keys, ...checkpoints];
  const { status, stdout, stderr } = spawnSync('python3', words, { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  expect(status).toBe(stdout.endsWith('\nok\n') ? 0 : 1);
  return status === 0 ? 'ok' : stdout;
}

const RECORDS = Array.from({ length: 300 }, (_, n) =>
  decision(n + 1, n === 9 ? { sample: { arguments: { b: [1.5, 1e21, 'ü\n'], a: null } } } : {}),
);

describe.skipIf(!hasPython)('the independent checker', async () => {
  const log = await logOfRecords(RECORDS);
  const other = await logOfRecords(RECORDS.with(7, decision(8, { allowed: false })));
  const whole = await exportOf(log);
  const text = (lines: readonly string[]): string => lines.join('\n');

  test('has at most 200 lines', () => {
    expect(readFileSync(CHECKER, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  test('accepts receipts, also of a person who is erased', async () => {
    for (const index of [0, 5, 9, 255, 256, 299]) {
      expect(check(await receiptOf(log, index))).toBe('ok');
    }
    expect(check(await receiptOf(log, 5, true))).toBe('ok');
    expect(check(await receiptOf(log, 5), { keys: [LOG_KEY] })).toBe('ok');
  });

  test('refuses receipts that were changed', async () => {
    const receipt = await receiptOf(log, 5);
    const [, extra = ''] = /^extra (.*)$/m.exec(receipt) ?? [];
    const content = Buffer.from(extra, 'base64').toString();
    const forged = (from: string, to: string) =>
      receipt.replace(extra, Buffer.from(content.replace(from, to)).toString('base64'));
    expect(check(forged('#alice', '#carol'))).toMatch('changed: subject');
    expect(check(forged('\\"allowed\\":true', '\\"allowed\\":false'))).toMatch('not in the log');
    expect(check(receipt.replace('\nindex 5\n', '\nindex 4\n'))).toMatch('not in the log');
    expect(check(receipt.replace('\n300\n', '\n299\n'))).toMatch('bad signature');
    expect(check(receipt.replace(/— witness.*\n/, ''))).toMatch('no signature of witness');
    expect(check(receipt, { keys: [WITNESS_KEY] })).toMatch('not a key of the needed kind');
  });

  test('shows the digests of what was asked and answered', async () => {
    const [request, answer] = ['a1'.repeat(32), 'b2'.repeat(32)];
    const outcome = { status: 200, result: 'ok', milliseconds: 1, bytes: 2, answer };
    const made = await logOfRecords([decision(1, { request, outcome })]);
    const words = [CHECKER, file('effect', await receiptOf(made, 0)), LOG_KEY, WITNESS_KEY];
    expect(spawnSync('python3', words, { encoding: 'utf8' }).stdout).toBe(
      `decisions-1-1 0 of 1: decision vx-1.1\noutcome.answer sha256 ${answer}\nrequest sha256 ${request}\nok\n`,
    );
  });

  test('accepts exports, whole and in part', async () => {
    expect(check(text(whole))).toBe('ok');
    expect(check(text(await exportOf(log, { erased: true })))).toBe('ok');
    for (const [from, to] of [
      [0, 200],
      [1, 300],
      [100, 257],
      [256, 300],
      [300, 300],
    ]) {
      expect(check(text(await exportOf(log, { from, to })), { known: [] })).toBe('ok');
    }
    const known = await Promise.all([1, 8, 256, 300].map((size) => checkpointOf(log, size)));
    expect(check(text(whole), { known })).toBe('ok');
  });

  test('finds what was removed, truncated, changed, reordered and forked, and gaps', async () => {
    expect(check(text(whole.toSpliced(10, 1)))).toMatch('removed: record 9');
    expect(check(text(whole.slice(0, -2)))).toMatch('truncated: decisions-1-1 ends at 298');
    const changed = (whole[100] ?? '').replace('\\"allowed\\":true', '\\"allowed\\":false');
    expect(check(text(whole.with(100, changed)))).toMatch('changed: decisions-1-1');
    const renamed = (whole[100] ?? '').replace('#alice', '#carol');
    expect(check(text(whole.with(100, renamed)))).toMatch('changed: subject, record 99');
    const moved = whole.with(10, whole[11] ?? '').with(11, whole[10] ?? '');
    expect(check(text(moved))).toMatch('reordered: record 11');
    const short = text(await exportOf(log, { to: 200, size: 200 }));
    expect(check(short)).toBe('ok');
    expect(check(short, { known: [await checkpointOf(log)] })).toMatch('truncated: decisions');
    const fork = text(await exportOf(other));
    expect(check(fork)).toBe('ok');
    expect(check(fork, { known: [await checkpointOf(log)] })).toMatch('forked');
    expect(check(fork, { known: [await checkpointOf(log, 8)] })).toMatch('forked');
    expect(check(fork, { known: [await checkpointOf(log, 7)] })).toBe('ok');
    expect(check('')).toMatch('an export without a checkpoint');
    const control = await checkpointOf(await logOfRecords(RECORDS.slice(0, 2), 'control'));
    expect(check(text(whole), { known: [control] })).toMatch('truncated: no record of control');
    const gap = await logOfRecords([1, 2, 4].map((n) => decision(n)));
    expect(check(text(await exportOf(gap)))).toMatch('gap: vx-1, numbers [3]');
  });
});
