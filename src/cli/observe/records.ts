import type { AuditRecord } from '../../audit/index.ts';
import type { UnixMilliseconds } from '../../clock.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { type ObservedCall, observedCallOf } from '../../observe/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

export const SINCE_FLAG = {
  since: {
    kind: 'text',
    value: 'TIME',
    description: 'only calls since then: 7d, 24h, 30m, or RFC 3339; by default all',
  },
} as const;

/** A command holds all calls in memory. These take some 200 MB. */
const CALLS_MAX = 200_000;

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Observed calls, oldest first. */
export interface ObservedCalls {
  readonly calls: readonly ObservedCall[];
  /** Later calls were left out, because there are too many. */
  readonly isCut: boolean;
}

/** Reads the decisions of routes that observe from the audit log, a page at a time. */
export async function readObservedCalls(
  context: CommandContext,
  flags: IssuerFlags & { readonly since: string | undefined },
): Promise<Result<ObservedCalls, string>> {
  const since = readSince(flags.since, context.now());
  if (!since.ok) return since;
  const read = (after: number, limit?: number) => readPage(context, flags, after, limit);
  const start = await positionBefore(since.value, read);
  if (!start.ok) return start;
  const calls: ObservedCall[] = [];
  for (let after = start.value; calls.length < CALLS_MAX; ) {
    const page = await read(after);
    if (!page.ok) return page;
    if (page.value.length === 0) return ok({ calls, isCut: false });
    for (const { seq, record } of page.value) {
      after = seq;
      const call = observedCallOf(record);
      if (call && call.at >= since.value) calls.push(call);
    }
  }
  return ok({ calls, isCut: true });
}

interface Position {
  readonly seq: number;
  readonly record: AuditRecord;
}
type ReadPage = (after: number, limit?: number) => Promise<Result<readonly Position[], string>>;

async function readPage(
  context: CommandContext,
  flags: IssuerFlags,
  after: number,
  limit?: number,
): Promise<Result<readonly Position[], string>> {
  const query = { mode: 'observe', after: String(after) } as const;
  const call = { query: limit === undefined ? query : { ...query, limit: String(limit) } };
  const answer = await callIssuer(context, flags, ADMIN_API.audit.showAudit, call);
  return answer.ok ? ok(answer.value.records as unknown as readonly Position[]) : answer;
}

/**
 * Returns a position before the first record of a time, by bisection: a log may have millions of
 * older records. Records are written a little later than they are made, hence the margin.
 */
async function positionBefore(
  since: UnixMilliseconds,
  read: ReadPage,
): Promise<Result<number, string>> {
  if (since === Number.NEGATIVE_INFINITY) return ok(0);
  const isOlder = async (after: number): Promise<Result<boolean, string>> => {
    const page = await read(after, 1);
    if (!page.ok) return page;
    const [first] = page.value;
    return ok(first !== undefined && first.record.at < since - LATE_MILLISECONDS);
  };
  let [low, high] = [0, 1_024];
  for (let growing = true; growing; ) {
    const older = await isOlder(high);
    if (!older.ok) return older;
    growing = older.value;
    if (growing) [low, high] = [high, high * 4];
  }
  while (high - low > 512) {
    const middle = Math.floor((low + high) / 2);
    const older = await isOlder(middle);
    if (!older.ok) return older;
    if (older.value) low = middle;
    else high = middle;
  }
  return ok(low);
}

const LATE_MILLISECONDS = 10 * 60_000;

function readSince(text: string | undefined, now: Date): Result<UnixMilliseconds, string> {
  if (text === undefined) return ok(Number.NEGATIVE_INFINITY);
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return ok(now.getTime() - Number(count) * UNITS[unit as keyof typeof UNITS]);
  }
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at)
    ? refuse(`--since must be 7d, 24h, 30m or RFC 3339, such as 2026-11-23T10:00:00Z (got ${text})`)
    : ok(at);
}
