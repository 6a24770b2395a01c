import {
  type Cursor,
  type RecordFilter,
  readBlocks,
  wantedTags,
  wantedTerms,
} from '../../../src/audit/find/index.ts';
import { type LogName, OLD_LOG } from '../../../src/audit/index.ts';
import type { LoggedRecord, LogState } from '../log/binding.ts';
import { originIn } from '../log/origin.ts';
import { readRecords } from '../log/read.ts';
import { OPEN_LOGS } from '../log/which-log.ts';
import { archiveOf, auditLog, type IssuerEnv, transparencyLog } from '../platform/env.ts';
import { type Found, findInLog, type SearchedLog } from './find.ts';
import { indexKeysOf } from './index-key.ts';

/** One answer in an isolate has 32 MiB, and its copies share 128. */
const PAGE_BYTES_MAX = 2 * 1024 * 1024;

/** A bundle is three reads with its side and its keys, and a request of a Worker has a thousand. */
const READS_PER_LOG_MAX = 40;

export interface LogSearch {
  readonly filter: RecordFilter;
  /** Which logs are searched; all if it is absent. */
  readonly isWanted?: (log: LogName) => boolean;
  readonly after?: Cursor;
  /** Without `after`: begin so many records before the end of each log. */
  readonly last?: number;
  readonly limit: number;
}

export interface FoundRecords {
  readonly records: readonly LoggedRecord[];
  readonly next: Cursor;
  readonly isEnd: boolean;
}

/** Returns the state of every log that has records of this issuer, the control log first. */
export async function readLogs(env: IssuerEnv): Promise<readonly LogState[]> {
  const states = await Promise.all(OPEN_LOGS.map((log) => stateOf(env, log)));
  const open = (await Promise.all(states.map((state) => continuationsOf(env, state)))).flat();
  return [...open, ...(await formerLog(env))];
}

/** The log of releases before 0.4.0, if there is one. */
async function formerLog(env: IssuerEnv): Promise<readonly LogState[]> {
  const { size, isEmpty, schema } = await auditLog(env).carried();
  if (size === 0) return [];
  const committed = isEmpty ? size : 0;
  // It takes over what is in the archive with its first round.
  const {
    checkpoint,
    months = [],
    stopped,
    witnesses = [],
  } = isEmpty ? await stateOf(env, OLD_LOG) : ({} as Partial<LogState>);
  return [
    {
      log: OLD_LOG,
      origin: originIn(env, OLD_LOG),
      size,
      committed,
      floor: 0,
      months,
      pendingBytes: 0,
      fill: 0,
      ...(checkpoint && { checkpoint }),
      ...(stopped !== undefined && { stopped }),
      witnesses,
      schema,
    },
  ];
}

/** RPC loses the form of tuples. */
const stateOf = async (env: IssuerEnv, log: LogName): Promise<LogState> =>
  (await transparencyLog(env, log).state()) as unknown as LogState;

/** A full control log continues in another. */
async function continuationsOf(env: IssuerEnv, state: LogState): Promise<readonly LogState[]> {
  if (state.moved === undefined) return [state];
  const next = await stateOf(env, state.moved);
  return [state, ...(await continuationsOf(env, next))];
}

/** Finds records in all logs, in the order of their times. */
export async function searchLogs(env: IssuerEnv, search: LogSearch): Promise<FoundRecords> {
  const states = (await readLogs(env)).filter(({ log }) => search.isWanted?.(log) ?? true);
  const found = await Promise.all(
    states.map(async (state) => ({ log: state.log, ...(await searchLog(env, state, search)) })),
  );
  const merged = found
    .flatMap(({ records }) => records)
    .sort((a, b) => a.record.at - b.record.at || (a.log === b.log ? a.index - b.index : 0));
  const page = inOrder(merged).slice(0, search.limit);
  const cursor = new Map<LogName, number>(search.after);
  let isEnd = true;
  for (const { log, records, ...one } of found) {
    const taken = page.filter((logged) => logged.log === log).length;
    const rest = records[taken];
    cursor.set(log, rest ? rest.index : one.next);
    isEnd &&= one.isEnd && rest === undefined;
  }
  return { records: page, next: cursor, isEnd };
}

/** Keeps the order of each log, in which a record that came late has an earlier time. */
function inOrder(byTime: readonly LoggedRecord[]): readonly LoggedRecord[] {
  const ordered = new Map<LogName, LoggedRecord[]>();
  for (const logged of byTime) {
    ordered.set(logged.log, [...(ordered.get(logged.log) ?? []), logged]);
  }
  for (const records of ordered.values()) records.sort((a, b) => a.index - b.index);
  return byTime.map(({ log }) => ordered.get(log)?.shift() as LoggedRecord);
}

async function searchLog(env: IssuerEnv, state: LogState, search: LogSearch): Promise<Found> {
  const { log, committed, size, months } = state;
  const { filter, after, last, limit } = search;
  const archive = archiveOf(env, log);
  const searched: SearchedLog = {
    committed,
    size,
    months,
    archive,
    unsealed: async () =>
      log === OLD_LOG
        ? []
        : (readBlocks((await transparencyLog(env, log).unsealedIndex()) as Uint8Array) ?? []),
    read: (from, count) => readRecords(env, log, from, count),
  };
  const terms = wantedTerms(filter);
  // Nothing of a young log is in an index.
  const needsKeys = terms.length > 0 && committed > 0;
  const { subject } = filter.where;
  const people = subject === undefined ? [] : [subject];
  const keys = needsKeys ? await indexKeysOf(env, log, people) : undefined;
  return findInLog(searched, {
    filter,
    wanted: keys ? wantedTags(terms, keys) : [],
    next: after?.get(log) ?? (last === undefined ? 0 : Math.max(0, size - last)),
    recordsMax: limit,
    bytesMax: PAGE_BYTES_MAX,
    readsMax: READS_PER_LOG_MAX,
  });
}
