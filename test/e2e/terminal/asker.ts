import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askOnTerminal } from '../../../src/run/ask.ts';

/**
 * Asks one question as `hewn run` does, beside an agent with a child that counts in a file. Prints
 * what came of it as one line of JSON: the answer, how far the child counted in the last moments
 * before it, and how often a timer of this process ran.
 */
const LAST_MOMENTS_MILLISECONDS = 400; // Shorter than a person thinks in the test.
const folder = mkdtempSync(join(tmpdir(), 'hewn-terminal-'));
const file = join(folder, 'count');
const COUNTER = `
  process.on('SIGINT', () => {});
  let n = 0;
  setInterval(() => require('node:fs').writeFileSync(${JSON.stringify(file)}, String(++n)), 20);
`;
const AGENT = `
  process.on('SIGINT', () => {});
  require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(COUNTER)}]);
  setInterval(() => {}, 1000);
`;
const counted = (): number => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

/** Waits until the child counts. */
async function counting(): Promise<void> {
  const from = counted();
  while (counted() <= from) await sleep(10);
}

const agent = spawn(process.execPath, ['-e', AGENT], { stdio: 'ignore' });
await counting();
// A loaded machine takes its time to show the question, and until then the child counts.
const samples: { readonly at: number; readonly count: number }[] = [];
const timer = setInterval(() => samples.push({ at: performance.now(), count: counted() }), 20);
const use = {
  server: 'files',
  kind: 'tool' as const,
  name: 'write_file',
  args: { path: 'a\u001b[2Jb' },
  needed: [{ tool: 'mcp/files/write_file', action: 'write' as const, dataset: 'files/notes' }],
};
const answer = await askOnTerminal(use, { pid: agent.pid });
clearInterval(timer);
const last = samples.at(-1);
const since = samples.find(({ at }) => last && at >= last.at - LAST_MOMENTS_MILLISECONDS);
const during = (last?.count ?? 0) - (since?.count ?? 0);
const ticks = samples.length;
await counting(); // The agent continues.
process.stdout.write(`\n${JSON.stringify({ answer, during, ticks })}\n`);
// Without its file, the child ends too.
agent.kill('SIGKILL');
rmSync(folder, { recursive: true });
process.exit(0);
