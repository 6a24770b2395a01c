import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { printableJson } from '../approval/index.ts';
import type { WiderUse } from '../bridge/index.ts';
import { pauseAgent } from './pause.ts';

const TERMINAL = '/dev/tty';
const ANSWER_MILLISECONDS_MAX = 10 * 60_000; // The person has left, and the agent waits.
const ARGUMENT_CHARACTERS_MAX = 2_000;

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
 * This process keeps running meanwhile, because the capability has to be renewed. Anything but a
 * clear yes is a no: another answer, Ctrl-C, or none within ten minutes.
 */
export async function askOnTerminal(
  use: WiderUse,
  agent: { readonly pid: number | undefined },
): Promise<boolean> {
  const terminal = openSync(TERMINAL, 'r+');
  const settings = stty(terminal, ['-g']);
  const resume = pauseAgent(agent.pid);
  try {
    // What was typed before the question is no answer to it.
    if (!flush(terminal)) return false;
    stty(terminal, ['sane']);
    writeSync(terminal, `\r\n${questionOf(use).join('\r\n')}\r\nAsk the issuer for this? [y/N] `);
    const answer = await readLine();
    if (answer === undefined) writeSync(terminal, '\r\nhewn: taken as no\r\n');
    return answer !== undefined && /^y(?:es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    if (settings !== undefined) stty(terminal, [settings.trim()]);
    closeSync(terminal);
    resume();
  }
}

/** Returns what is typed up to the end of the line. Undefined: nothing, or Ctrl-C. */
async function readLine(): Promise<string | undefined> {
  const input = new ReadStream(openSync(TERMINAL, 'r'));
  let giveUp = (): void => undefined;
  const answer = new Promise<string | undefined>((resolve) => {
    giveUp = () => resolve(undefined);
    input.once('data', (line) => resolve(String(line)));
  });
  const timer = setTimeout(giveUp, ANSWER_MILLISECONDS_MAX);
  process.once('SIGINT', giveUp);
  input.once('end', giveUp).once('error', giveUp);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', giveUp);
    input.destroy();
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

/** Drops what is waiting to be read. Returns false if it cannot. */
function flush(terminal: number): boolean {
  if (stty(terminal, ['-icanon', 'min', '0', 'time', '0']) === undefined) return false;
  const waiting = Buffer.alloc(4_096);
  while (readSync(terminal, waiting, 0, waiting.length, null) > 0);
  return true;
}
