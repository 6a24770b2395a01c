import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { printableJson } from '../approval/index.ts';
import type { WiderUse } from '../bridge/index.ts';

const TERMINAL = '/dev/tty';
const ANSWER_BYTES_MAX = 64;
const ARGUMENT_CHARACTERS_MAX = 2_000;

/** What must be still while a person answers. */
interface Paused {
  readonly pid: number | undefined;
}

/** Whether there is a terminal with a person in front of it. */
export function hasTerminal(): boolean {
  if (process.stdin.isTTY !== true) return false;
  try {
    closeSync(openSync(TERMINAL, 'r+'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks the person at the terminal whether the issuer may be asked for more. The agent shares the
 * terminal, so it is stopped until there is an answer, and the terminal is as it was afterwards.
 * Anything but a clear yes is a no.
 */
export async function askOnTerminal(use: WiderUse, agent: Paused): Promise<boolean> {
  const terminal = openSync(TERMINAL, 'r+');
  const settings = stty(terminal, ['-g']);
  try {
    if (agent.pid !== undefined) process.kill(agent.pid, 'SIGSTOP');
    stty(terminal, ['sane']);
    // What was typed before the question is no answer to it.
    flush(terminal);
    writeSync(terminal, `\r\n${questionOf(use).join('\r\n')}\r\nAsk the issuer for this? [y/N] `);
    const answer = Buffer.alloc(ANSWER_BYTES_MAX);
    const length = readSync(terminal, answer, 0, ANSWER_BYTES_MAX, null);
    return /^y(?:es)?$/i.test(answer.subarray(0, length).toString('utf8').trim());
  } catch {
    return false;
  } finally {
    if (settings !== undefined) stty(terminal, [settings.trim()]);
    closeSync(terminal);
    if (agent.pid !== undefined) {
      process.kill(agent.pid, 'SIGCONT');
      process.kill(agent.pid, 'SIGWINCH'); // Draws its screen again.
    }
  }
}

/** Returns the lines of the question. Everything of the agent is written as JSON. */
function questionOf({ server, kind, name, args, needed }: WiderUse): readonly string[] {
  const shown = printableJson(args);
  const rest = shown.length - ARGUMENT_CHARACTERS_MAX;
  return [
    `hewn: the agent was denied, and would need more than it was granted`,
    `  wants      the ${kind} ${printableJson(name)} of ${printableJson(server)}`,
    `  with       ${rest > 0 ? `${shown.slice(0, ARGUMENT_CHARACTERS_MAX)}… and ${rest} characters` : shown}`,
    ...needed.map(
      ({ tool, action, dataset, ...others }) =>
        `  needs      ${printableJson(action)} with ${printableJson(tool)} on ${printableJson(dataset)}${
          'constraints' in others && others.constraints !== undefined
            ? `, only with ${printableJson(others.constraints as never)}`
            : ''
        }`,
    ),
    `The policy of the issuer decides, and yes only sends the request.`,
  ];
}

/** Runs `stty` on the terminal. A terminal without it stays as it is. */
function stty(terminal: number, args: readonly string[]): string | undefined {
  try {
    return execFileSync('stty', args, { stdio: [terminal, 'pipe', 'ignore'], encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

/** Drops what is waiting to be read. */
function flush(terminal: number): void {
  stty(terminal, ['-icanon', 'min', '0', 'time', '0']);
  const waiting = Buffer.alloc(4_096);
  while (readSync(terminal, waiting, 0, waiting.length, null) > 0);
  stty(terminal, ['sane']);
}
