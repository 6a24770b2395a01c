import type { Cursor } from '../../../src/audit/find/index.ts';
import { logKindOf } from '../../../src/audit/index.ts';
import { SeenRequests } from '../../../src/questions/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { readLogs, searchLogs } from '../search/search.ts';

/**
 * Records of each control log that are read, from the newest back: about a day of a busy issuer.
 */
const RECORDS_MAX = 20_000;
const RECORDS_PER_PAGE = 2_000;
/** A page costs up to 160 requests to the archive, and a request of a Worker has a thousand. */
const PAGES_MAX = 4;

/** What an isolate has read so far. Several questions share it. */
interface Known {
  seen: SeenRequests;
  /** Undefined before the first page. */
  cursor: Cursor | undefined;
  /** Whether the control logs have no older records than those that are read. */
  isWhole: boolean;
}

const isolate = new WeakMap<object, Known>();

const begin = (): Known => ({ seen: new SeenRequests(), cursor: undefined, isWhole: false });

export interface Seen {
  readonly seen: SeenRequests;
  readonly isComplete: boolean;
}

/**
 * Returns what the mints and refusals of the control logs show. An isolate reads each record once,
 * and continues with the next question where the last one stopped.
 */
export async function readSeen(env: IssuerEnv): Promise<Seen> {
  const known = isolate.get(env) ?? begin();
  isolate.set(env, known);
  let isEnd = false;
  for (let page = 0; page < PAGES_MAX && !isEnd; page++) isEnd = await readPage(env, known);
  const { seen, isWhole } = known;
  return { seen, isComplete: isEnd && isWhole && !seen.hasDropped };
}

/** Reads one page. Returns whether it was the last one. */
async function readPage(env: IssuerEnv, known: Known): Promise<boolean> {
  const { cursor } = known;
  const isWhole = cursor === undefined ? await areAllRead(env) : known.isWhole;
  const { records, next, isEnd } = await searchLogs(env, {
    filter: { where: {} },
    isWanted: (log) => logKindOf(log) === 'control',
    limit: RECORDS_PER_PAGE,
    ...(cursor ? { after: cursor } : { last: RECORDS_MAX }),
  });
  // Another request of the isolate has read the same page meanwhile.
  if (known.cursor !== cursor) return false;
  if (records.some(({ record }) => record.event === 'erasure') && cursor !== undefined) {
    // What was erased from the logs must not stay here.
    Object.assign(known, begin());
    return false;
  }
  for (const { record } of records) known.seen.take(record);
  known.cursor = next;
  known.isWhole = isWhole;
  return isEnd;
}

async function areAllRead(env: IssuerEnv): Promise<boolean> {
  const logs = (await readLogs(env)).filter(({ log }) => logKindOf(log) === 'control');
  return logs.every(({ size }) => size <= RECORDS_MAX);
}
