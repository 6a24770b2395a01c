import { resolve } from 'node:path';
import { printableJson } from '../../approval/index.ts';
import { readBounded } from '../../body.ts';
import type { KillStatement } from '../../feed/index.ts';
import { FEED_KILLS_MAX, KILL_BODY_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Surroundings } from '../command.ts';
import { readSource } from '../source-file.ts';

const FEED_KILL_COMMAND_MILLISECONDS_MAX = 10_000; // A person waits for that one.

/** A list as it is served; empty where there is none yet. What is in it is not opened. */
export async function readKillFile(file: string): Promise<Result<readonly unknown[], string>> {
  try {
    return readList(await readSource(file), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? ok([]) : refuse(`${file} cannot be read: ${code}`);
  }
}

/** The same from a file that has to be there, or from the host that serves it. */
export async function readKillList(
  at: Surroundings,
  place: string,
): Promise<Result<readonly unknown[], string>> {
  try {
    if (!/^https?:\/\//.test(place)) {
      return readList(await readSource(resolve(at.cwd, place)), place);
    }
    const signal = AbortSignal.timeout(FEED_KILL_COMMAND_MILLISECONDS_MAX);
    const response = await at.fetch(place, { signal });
    const body = await readBounded(response, KILL_BODY_BYTES_MAX);
    if (!response.ok) return refuse(`${place} answered ${response.status}`);
    return body.ok ? readList(body.value, place) : refuse(`${place} is too much`);
  } catch (error) {
    return refuse(`${place} cannot be read: ${(error as Error).message}`);
  }
}

function readList(text: string, place: string): Result<readonly unknown[], string> {
  const refused = refuse(`${place} is no list of up to ${FEED_KILLS_MAX} kill statements`);
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.length <= FEED_KILLS_MAX ? ok(list) : refused;
  } catch {
    return refused;
  }
}

export const killLine = ({ serial, scope, value, before }: KillStatement): string => {
  const whom = scope === 'all' ? 'all' : `${scope} ${printableJson(value)}`;
  return `  ${String(serial).padStart(3)}  ${whom}: issued before ${moment(before)}`;
};

const moment = (seconds: number): string =>
  new Date(Math.min(seconds, 8.64e12) * 1000).toISOString();
