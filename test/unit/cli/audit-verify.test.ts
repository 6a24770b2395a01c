import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  checkpointOf,
  decision,
  exportOf,
  LOG_KEY,
  logOfRecords,
  receiptOf,
  type SignedLog,
  WITNESS_KEY,
} from '../audit/proof/signed-log.ts';
import { hewn } from './scene.ts';

let cwd = '';
let log: SignedLog;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hewn-verify-'));
  log = await logOfRecords([1, 2, 3, 4, 5].map((n) => decision(n)));
});

async function verify(text: string, ...words: readonly string[]) {
  await writeFile(join(cwd, 'file'), text);
  const keys = words.includes('--key') ? [] : ['--key', LOG_KEY, '--witness', WITNESS_KEY];
  return hewn(['audit', 'verify', 'file', ...keys, ...words], { cwd });
}

describe('hewn audit verify', () => {
  test('shows what a receipt proves', async () => {
    const ran = await verify(await receiptOf(log, 2));
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('decision vx-1.3\n  log         decisions-1-1, entry 2 of 5');
    expect(ran.out).toContain('by the witnesses');
    const erased = await verify(await receiptOf(log, 2, true));
    expect(erased.out).toContain('erased      subject, task');
  });

  test('names what is wrong with a receipt', async () => {
    const text = (await receiptOf(log, 2)).replace('index 2', 'index 1');
    expect(await verify(text)).toMatchObject({ code: 1, out: 'inclusion_invalid' });
    const json = await verify(text, '--json');
    expect(JSON.parse(json.out)).toEqual({ valid: false, fault: 'inclusion_invalid' });
  });

  test('accepts an export, and names the record that was removed from it', async () => {
    const lines = await exportOf(log);
    const ran = await verify(lines.join('\n'));
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toBe(
      'decisions-1-1: 5 records from 0 on, of 5\nall of it is as the log signed it',
    );
    const removed = await verify(lines.toSpliced(3, 1).join('\n'));
    expect(removed.code).toBe(1);
    expect(removed.out).toContain('removed: decisions-1-1, record 2, line 4: record 2: missing');
  });

  test('compares an export with a checkpoint that was kept', async () => {
    const short = (await exportOf(log, { to: 3, size: 3 })).join('\n');
    expect((await verify(short)).code).toBe(0);
    await writeFile(join(cwd, 'kept'), await checkpointOf(log));
    const ran = await verify(short, '--checkpoint', 'kept');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('truncated: decisions-1-1');
    await writeFile(join(cwd, 'kept'), 'x');
    expect(await verify(short, '--checkpoint', 'kept')).toMatchObject({ code: 2 });
  });

  test('reports the gaps of a verifier, and accepts them if asked', async () => {
    const gap = await logOfRecords([1, 3].map((n) => decision(n)));
    const text = (await exportOf(gap)).join('\n');
    expect((await verify(text)).code).toBe(1);
    expect(await verify(text, '--allow-gaps')).toMatchObject({
      code: 0,
      out: expect.stringContaining('gap: the log has no records 2 of vx-1'),
    });
  });

  test('refuses keys that it cannot use, and a file that it cannot read', async () => {
    expect(await verify('', '--key', 'x')).toMatchObject({ code: 2 });
    expect(await verify('', '--key', WITNESS_KEY)).toMatchObject({ code: 2 });
    const ran = await hewn(['audit', 'verify', 'missing', '--key', LOG_KEY], { cwd });
    expect(ran).toMatchObject({ code: 2 });
  });
});
