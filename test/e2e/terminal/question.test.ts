import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

/** The question of `hewn run`, in a real pseudo-terminal, which `script` opens. */
const ASKER = fileURLToPath(new URL('asker.ts', import.meta.url).href);
const ASK = `exec ${process.execPath} --no-warnings ${ASKER}`;
const QUESTION = 'Ask the issuer for this? [y/N]';
const THINKING_MILLISECONDS = 600;

let terminal: ChildProcessWithoutNullStreams | undefined;

afterEach(async () => {
  if (terminal === undefined || terminal.exitCode !== null) return;
  terminal.kill('SIGKILL');
  await once(terminal, 'exit');
});

/** Types before the question, and after a while of thinking. Returns the screen and the result. */
async function ask(typed: {
  readonly before?: string;
  readonly after: string;
  readonly command?: string;
}) {
  const { command = ASK } = typed;
  // `script` runs the command in the shell that SHELL names.
  const env = { ...process.env, SHELL: '/bin/sh' };
  terminal = spawn('script', ['-qfec', command, '/dev/null'], { env });
  let screen = '';
  const shown = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (screen.includes(text)) resolve();
      };
      terminal?.stdout.on('data', look);
      look();
    });
  terminal.stdout.on('data', (data) => {
    screen += data;
  });
  if (typed.before !== undefined) terminal.stdin.write(typed.before);
  await shown(QUESTION);
  await new Promise((resolve) => setTimeout(resolve, THINKING_MILLISECONDS));
  terminal.stdin.write(typed.after);
  await shown('"ticks"');
  const result = JSON.parse(/\{"answer".*\}/.exec(screen)?.[0] ?? '{}');
  return { screen, result: result as { answer: boolean; during: number; ticks: number } };
}

test('a yes at the terminal is a yes, and everything else a no', async () => {
  expect((await ask({ after: 'y\n' })).result.answer).toBe(true);
  expect((await ask({ after: 'yesterday\n' })).result.answer).toBe(false);
  expect((await ask({ after: '\n' })).result.answer).toBe(false);
});

test('what was typed before the question does not answer it', async () => {
  expect((await ask({ before: 'y\ny\n', after: 'n\n' })).result.answer).toBe(false);
});

test('Ctrl-C at the question is a no', async () => {
  const { screen, result } = await ask({ after: '\u0003' });
  expect(result.answer).toBe(false);
  expect(screen).toContain('taken as no');
});

test('the agent and its children stand still while a person thinks, and renewals go on', async () => {
  const { screen, result } = await ask({ after: 'n\n' });
  expect(result.during).toBe(0);
  expect(result.ticks).toBeGreaterThan(5);
  expect(screen).not.toContain('\u001b[2J');
});

test('a shell that stays the parent of the command is not stopped', async () => {
  // Both begin in the same tick of the clock, mostly.
  const command = `${process.execPath} --no-warnings ${ASKER}; true`;
  const { result } = await ask({ after: 'n\n', command });
  expect(result.answer).toBe(false);
  expect(result.during).toBe(0);
});
