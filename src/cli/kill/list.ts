import { resolve } from 'node:path';
import { readBounded } from '../../body.ts';
import type { KillStatement } from '../../feed/index.ts';
import { FEED_KILLS_MAX, KILL_BODY_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import type { CommandContext } from '../command.ts';
import { type Screen, showSeconds } from '../terminal/index.ts';
import { describeScope } from '../watermark/scope.ts';

const FEED_KILL_COMMAND_MILLISECONDS_MAX = 10_000; // A person waits for the command.

/**
 * Reads a list without looking into its statements. A file that does not exist is an empty list.
 */
export async function readKillFile(file: string): Promise<Result<readonly unknown[], string>> {
  try {
    return parseList(await readSource(file), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? ok([]) : refuse(`cannot read ${file}: ${code}`);
  }
}

/** Reads a list from a file, which must exist, or from the URL that serves it. */
export async function readKillList(
  context: CommandContext,
  place: string,
): Promise<Result<readonly unknown[], string>> {
  try {
    if (!/^https?:\/\//.test(place)) {
      return parseList(await readSource(resolve(context.cwd, place)), place);
    }
    const signal = AbortSignal.timeout(FEED_KILL_COMMAND_MILLISECONDS_MAX);
    const response = await context.fetch(place, { signal });
    const body = await readBounded(response, KILL_BODY_BYTES_MAX);
    if (!response.ok) return refuse(`${place} returned HTTP ${response.status}`);
    return body.ok ? parseList(body.value, place) : refuse(`${place} is too large or not UTF-8`);
  } catch (error) {
    return refuse(`cannot read ${place}: ${(error as Error).message}`);
  }
}

function parseList(text: string, place: string): Result<readonly unknown[], string> {
  const malformed = refuse(`${place} is not a list of at most ${FEED_KILLS_MAX} kill statements`);
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.length <= FEED_KILLS_MAX ? ok(list) : malformed;
  } catch {
    return malformed;
  }
}

export const killLine = (screen: Screen, { serial, before, ...scope }: KillStatement): string =>
  `  ${String(serial).padStart(3)}  ${describeScope(scope)}: issued before ${showSeconds(screen, before)}`;
