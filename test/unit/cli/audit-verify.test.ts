import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
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

  test('shows the digests of what was asked and answered', async () => {
    const [request, answer] = ['a1'.repeat(32), 'b2'.repeat(32)];
    const outcome = { status: 200, result: 'ok', milliseconds: 1, bytes: 2, answer };
    const made = await logOfRecords([decision(1, { request, outcome })]);
    const ran = await verify(await receiptOf(made, 0));
    expect(ran.out).toContain(`  request     SHA-256 ${request}\n  answer      SHA-256 ${answer}`);
    const erased = await verify(await receiptOf(made, 0, true));
    expect(erased.out).toContain('erased      outcome.answer, request, subject, task');
    expect(erased.out).not.toContain(answer);
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

  test('misses a log that is known to have records, and of which the export has none', async () => {
    const control = await logOfRecords([decision(1)], 'control');
    await writeFile(join(cwd, 'kept'), await checkpointOf(control));
    const ran = await verify((await exportOf(log)).join('\n'), '--checkpoint', 'kept');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('truncated: control: the export has none of its records');
  });

  test('says where the verifier key is, if the bare public key is given', async () => {
    const ran = await verify('', '--key', 'a'.repeat(64));
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('hewn keys list prints it');
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

describe('hewn audit receipt', () => {
  test('finds the record by its id, and writes the receipt', async () => {
    const text = await receiptOf(log, 2);
    const asked: string[] = [];
    const ran = await hewn(['audit', 'receipt', 'vx-1.3', '--out', 'r.tlog-proof'], {
      cwd,
      variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
      fetch: async (input) => {
        const { pathname, searchParams } = new URL(String(input));
        asked.push(`${pathname} ${searchParams.get('id') ?? ''}`.trim());
        return pathname.endsWith('/receipts/2')
          ? Response.json({ receipt: text })
          : Response.json({
              records: [{ log: 'decisions-1-1', index: 2, record: decision(3) }],
              next: 'decisions-1-1:3',
              end: true,
            });
      },
    });
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(asked).toEqual([
      '/admin/v1/audit vx-1.3',
      '/admin/v1/audit/logs/decisions-1-1/receipts/2',
    ]);
    expect(await readFile(join(cwd, 'r.tlog-proof'), 'utf8')).toBe(text);
  });
});

describe('hewn audit export --proofs', () => {
  test('writes what hewn audit verify accepts, and where it ended', async () => {
    const [head = '', ...records] = await exportOf(log);
    const ran = await hewn(['audit', 'export', '--proofs'], {
      cwd,
      variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
      fetch: async (input) => {
        const { pathname, searchParams } = new URL(String(input));
        const from = Number(searchParams.get('from'));
        if (pathname.endsWith('/audit/logs')) {
          const empty = { origin: 'o', size: 0, committed: 0, fill: 0 };
          const logs = [
            { ...empty, log: 'control' },
            { ...empty, log: log.log, size: 5, committed: 5 },
          ];
          return Response.json({ logs });
        }
        if (pathname.endsWith('/proof')) return Response.json(JSON.parse(head));
        const entries = records.slice(from, from + 2).map((line) => ({
          ...(JSON.parse(line) as object),
          record: decision(1 + JSON.parse(line).index),
        }));
        return Response.json({ entries, ...(from + 2 < 5 && { next: from + 2 }) });
      },
    });
    expect(ran).toMatchObject({ code: 0, err: '--after decisions-1-1:5' });
    expect((await verify(ran.out)).out).toContain('all of it is as the log signed it');
    const filtered = await hewn(['audit', 'export', '--proofs', '--agent', 'a'], { cwd });
    expect(filtered.code).toBe(2);
  });
});
