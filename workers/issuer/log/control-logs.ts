import { CONTROL_LOG, type LogName, logKindOf, nextControlLog } from '../../../src/audit/index.ts';
import { type IssuerEnv, transparencyLog } from '../platform/env.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import type {
  LivingFilter,
  LivingPage,
  LivingParty,
  LivingScope,
  LogBinding,
  Moved,
} from './binding.ts';

/** More moves than one call can meet: each takes a log that has filled. */
const MOVES_MAX = 100;

/** What an isolate knows of the control logs of a deployment. Only the newest one takes records. */
interface Known {
  newest: LogName;
  /** Older ones of whose workflows none lives any more. */
  readonly drained: Set<LogName>;
}

const isolate = new WeakMap<object, Known>();

function knownTo({ LOG }: IssuerEnv): Known {
  let known = isolate.get(LOG);
  if (!known) {
    known = { newest: CONTROL_LOG, drained: new Set() };
    isolate.set(LOG, known);
  }
  return known;
}

function remember(env: IssuerEnv, moved: LogName): void {
  const known = knownTo(env);
  // A log that was opened too early sends its caller back.
  if (logsUpTo(known.newest).includes(moved)) known.drained.clear();
  known.newest = moved;
}

/** Returns the control logs up to one of them, the oldest first. */
function logsUpTo(newest: LogName): readonly LogName[] {
  const logs: LogName[] = [CONTROL_LOG];
  for (let log: LogName = CONTROL_LOG; log !== newest; ) {
    log = nextControlLog(log);
    logs.push(log);
  }
  return logs;
}

/** Calls the control log that takes records now, and returns its name with its answer. */
export async function inNewest<T extends object>(
  env: IssuerEnv,
  call: (log: LogBinding) => Promise<T | Moved>,
): Promise<{ readonly log: LogName; readonly answer: T }> {
  for (let moves = 0; moves < MOVES_MAX; moves++) {
    const log = knownTo(env).newest;
    const answer = await call(transparencyLog(env, log) as unknown as LogBinding);
    if (!('moved' in answer)) return { log, answer };
    remember(env, answer.moved);
  }
  throw new Error('the control logs name each other');
}

/** Whether a record goes to the newest control log. */
export const isOfControl = (log: LogName): boolean => logKindOf(log) === 'control';

/** Returns the names of all control logs, the oldest first. */
export async function controlLogs(env: IssuerEnv): Promise<readonly LogName[]> {
  for (let moves = 0; moves < MOVES_MAX; moves++) {
    const { newest } = knownTo(env);
    const moved = (await transparencyLog(env, newest).movedTo()) as LogName | undefined;
    if (moved === undefined) return logsUpTo(newest);
    remember(env, moved);
  }
  throw new Error('the control logs name each other');
}

/** Returns the older logs that may have living workflows. */
export const olderLogs = (env: IssuerEnv, log: LogName): readonly LogName[] =>
  logsUpTo(log).filter((one) => one !== log && !knownTo(env).drained.has(one));

/** Remembers that no workflow lives in a closed log: none begins there. */
export const noteDrained = (env: IssuerEnv, log: LogName): void =>
  void knownTo(env).drained.add(log);

/** Returns what a living root began with, from the control log that has it. */
export async function adoptRoot(env: IssuerEnv, root: string): Promise<WorkflowStart | undefined> {
  const asked = new Set<LogName>();
  let logs = logsUpTo(knownTo(env).newest);
  for (;;) {
    for (const log of logs.toReversed()) {
      if (asked.has(log)) continue;
      asked.add(log);
      const start = await transparencyLog(env, log).adopt(root);
      if (start) return start as WorkflowStart;
    }
    // It may have begun in a log that this isolate has not heard of.
    logs = await controlLogs(env);
    if (logs.every((log) => asked.has(log))) return undefined;
  }
}

/** Returns how many root workflows of a scope have not ended, as the control logs know. */
export async function countLiving(env: IssuerEnv, scope: LivingScope): Promise<number> {
  const logs = await controlLogs(env);
  const counts = await Promise.all(logs.map((log) => transparencyLog(env, log).countLiving(scope)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Returns how many living workflows each party has, as the control logs know. */
export async function livingTotals(
  env: IssuerEnv,
  party: LivingParty,
): Promise<ReadonlyMap<string, number>> {
  const totals = new Map<string, number>();
  for (const log of await controlLogs(env)) {
    // RPC loses the form of tuples.
    const counts = (await transparencyLog(env, log).livingTotals(party)) as unknown as [
      name: string,
      n: number,
    ][];
    for (const [name, n] of counts) totals.set(name, (totals.get(name) ?? 0) + n);
  }
  return totals;
}

/** Returns living root workflows of all control logs, in the order of their ids. */
export async function livingPage(env: IssuerEnv, filter: LivingFilter): Promise<LivingPage> {
  const logs = await controlLogs(env);
  const pages = await Promise.all(
    logs.map(async (log) => (await transparencyLog(env, log).living(filter)) as LivingPage),
  );
  return pages.reduce(mergePages);
}

/** One that ends first says how far both are complete. */
function mergePages(a: LivingPage, b: LivingPage): LivingPage {
  const ends = [a.next, b.next].filter((end) => end !== undefined).sort();
  const [next] = ends;
  const workflows = [...a.workflows, ...b.workflows]
    .filter(({ start }) => next === undefined || start.id <= next)
    .sort((one, other) => (one.start.id < other.start.id ? -1 : 1));
  return { workflows, ...(next !== undefined && { next }) };
}
