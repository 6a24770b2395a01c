import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFile } from '../../unit/docs/markdown.ts';
import { call, obtain, read, send } from '../agent.ts';
import { createServed, type Ended, type Served } from './served.ts';

/** `hewn audit …` against a server that runs, in the order of an incident. */
let served: Served;
let operator: string;
let workflow: string;
let key: string;

const environment = () => ({ HEWN_ISSUER: served.issuer, HEWN_OPERATOR: operator });
const audit = (...words: string[]): Promise<Ended> =>
  served.hewn(['audit', ...words], environment());
const found = async (...words: string[]): Promise<readonly Logged[]> => {
  const { out } = await audit('search', '--json', ...words);
  return out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
};
interface Logged {
  readonly log: string;
  readonly index: number;
  readonly record: {
    readonly id: string;
    readonly event: string;
    readonly [name: string]: unknown;
  };
  readonly erased?: readonly string[];
}

/** The verifier key of a log, as an auditor has it. */
async function keyOf(log: string): Promise<string> {
  const file = '.hewn/production/keys.json';
  const words = ['keys', 'list', '--file', file, '--log', log, '--issuer', served.issuer];
  const { out, err } = await served.hewn(words);
  const [, found = ''] = /LOG_VERIFIER_KEY\s+(\S+)/.exec(out) ?? [];
  if (found === '') throw new Error(`no verifier key: ${out}${err}`);
  return found;
}

beforeAll(async () => {
  served = await createServed();
  await served.serve();
  operator = await served.operator();
  const reached = { ...served, operator };
  const capability = await obtain(reached);
  workflow = capability.workflow;
  await send(reached, capability.token, read(served.documents.reports[0] ?? ''));
  await send(reached, capability.token, read(served.documents.secret));
  await send(
    reached,
    capability.token,
    call('write_file', { path: 'summaries/a.md', content: 'x' }),
  );
  for (const end = performance.now() + 120_000; performance.now() < end; ) {
    if ((await found('--workflow', workflow, '--event', 'decision')).length === 3) break;
    await new Promise((passed) => setTimeout(passed, 500));
  }
  const [decision] = await found('--workflow', workflow, '--event', 'decision');
  key = await keyOf(decision?.log ?? '');
}, 300_000);
afterAll(() => served.close());

test('a receipt and an export verify with the public key alone, and not if they are changed', async () => {
  const [denied] = await found('--workflow', workflow, '--code', 'no_grant');
  const id = denied?.record.id ?? '';
  expect(await audit('receipt', id, '--out', 'one.tlog-proof')).toMatchObject({ code: 0, out: '' });
  const receipt = join(served.folder, 'one.tlog-proof');
  const verified = await served.hewn(['audit', 'verify', receipt, '--key', key]);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.out).toContain(id);
  await writeFile(receipt, (await readFile(receipt, 'utf8')).replace(/^index \d+/m, '$&7'));
  expect(await served.hewn(['audit', 'verify', receipt, '--key', key])).toMatchObject({ code: 1 });

  const exported = await audit('export', '--proofs', '--log', denied?.log ?? '');
  expect(exported.code).toBe(0);
  const file = join(served.folder, 'export.ndjson');
  await writeFile(file, exported.out);
  expect(await served.hewn(['audit', 'verify', file, '--key', key])).toMatchObject({ code: 0 });
  await writeFile(file, exported.out.replace(id, `${id}9`));
  expect(await served.hewn(['audit', 'verify', file, '--key', key])).toMatchObject({ code: 1 });
}, 300_000);

test('an incident is a folder with a proof of each record, and counts one workflow as one', async () => {
  const { code, out } = await audit('incident', workflow, '--out', 'incident');
  expect(code).toBe(0);
  expect(out).toMatch(/^incident: \d+ records of 1 workflow\n$/);
  const folder = join(served.folder, 'incident');
  const { parts } = JSON.parse(await readFile(join(folder, 'incident.json'), 'utf8'));
  expect(parts.decisions).toHaveLength(3);
  for (const name of (await readdir(join(folder, 'receipts'))).filter((one) =>
    one.startsWith('decisions'),
  )) {
    const words = ['audit', 'verify', join(folder, 'receipts', name), '--key', key];
    expect(await served.hewn(words), name).toMatchObject({ code: 0 });
  }
}, 300_000);

test('tail --follow prints what is recorded while it runs', async () => {
  const command = projectFile('src/cli/main.ts');
  const words = ['--no-warnings', command, 'audit', 'tail', '--follow', '--last', '0', '--json'];
  const tail = spawn(process.execPath, words, {
    cwd: served.folder,
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tail, 'close');
  try {
    let out = '';
    tail.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const begun = new Set<string>();
    const printed = () => [...begun].some((id) => out.includes(`"workflow":"${id}"`));
    // It follows from the end of its first page, and prints no record of that page.
    await expect
      .poll(
        async () => {
          if (!printed()) begun.add((await obtain({ ...served, operator })).workflow);
          return printed();
        },
        { timeout: 90_000, interval: 2_000 },
      )
      .toBe(true);
    expect(tail.exitCode).toBeNull();
  } finally {
    tail.kill('SIGINT');
    await ended;
  }
}, 200_000);

test('a hold keeps a person from being erased, and an erased person is in no answer', async () => {
  const [mint] = await found('--workflow', workflow, '--event', 'mint');
  const subject = String(mint?.record.subject);
  expect(await found('--subject', subject, '--workflow', workflow)).not.toEqual([]);
  const held = await audit('hold', subject, '--reason', 'a claim', '--json');
  const { hold } = JSON.parse(held.out) as { readonly hold: string };
  expect((await audit('holds')).out).toContain(hold);
  const refused = await audit('erase', subject);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('hold') });
  expect(await audit('release', hold, '--reason', 'settled')).toMatchObject({ code: 0 });
  const erased = await audit('erase', subject, '--reference', 'DSR-1');
  expect(erased).toMatchObject({ code: 0, out: expect.stringMatching(/complete +20/) });

  expect(await found('--subject', subject, '--workflow', workflow)).toEqual([]);
  const left = await found('--workflow', workflow, '--event', 'decision');
  expect(left).toHaveLength(3);
  expect(left[0]?.erased).toContain('subject');
  expect(JSON.stringify(left)).not.toContain(subject);
  // What the log proves stays.
  await audit('receipt', left[0]?.record.id ?? '', '--out', 'erased.tlog-proof');
  const receipt = join(served.folder, 'erased.tlog-proof');
  expect(await readFile(receipt, 'utf8')).not.toContain(subject);
  expect(await served.hewn(['audit', 'verify', receipt, '--key', key])).toMatchObject({ code: 0 });
}, 300_000);
