import {
  type DecisionRecord,
  decisionLogOf,
  type LogName,
  logOf,
  readVerifierRecord,
  type VerifierRecord,
} from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { RECORD_BYTES_MAX, RECORDS_PER_BATCH_MAX } from '../../../src/limits.ts';
import { ok, type Result } from '../../../src/result.ts';
import { appendTo } from '../log/append.ts';
import type { ArrivedNumbers, NotAppended } from '../log/binding.ts';
import { logOfVerifier } from '../log/which-log.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, transparencyLog, workflowOf } from '../platform/env.ts';
import { type RemoteVerifier, verifierName } from '../platform/verifier-credential.ts';
import { historyOfAll } from '../version/in-force.ts';
import { isWorkflowId, rootOf } from '../workflow/id.ts';
import { type Parties, readParties } from './parties.ts';

/**
 * How a verifier over HTTP names itself: as a process draws it at random, with room for a prefix.
 */
const OWN_NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** A verifier's clock may be ahead by as much. A later time would end the evidence of the rules. */
const RECORD_AHEAD_MILLISECONDS_MAX = 5 * 60_000;

/** Why a record is never taken. */
export type RecordFault =
  | 'malformed'
  | 'name_invalid'
  | 'workflow_foreign'
  | 'time_invalid'
  /** Its workflow belongs to another log than the batch. */
  | 'log_foreign';

/** A record that is never taken. `index` is its place in the batch. */
export interface RefusedRecord {
  readonly index: number;
  readonly id?: string;
  readonly code: RecordFault;
}

export interface Received {
  readonly written: number;
  readonly refused: readonly RefusedRecord[];
  /** How full the log is, from 0 to 1; of several logs, the fullest. */
  readonly fill?: number;
}

/** How a batch came. */
export interface Sending {
  readonly how?: 'log_only' | undefined;
  /** The holder of a credential. Without one, the batch came over a service binding. */
  readonly sender?: RemoteVerifier;
  /** The decision log that its records are numbered for. Verifiers of 0.3.0 know of none. */
  readonly log?: LogName | undefined;
}

/**
 * Writes a batch to its log, then counts it, even if writing failed. A batch that arrives twice is
 * written and counted once. With `log_only` a call is waiting: the batch is only written, and
 * arrives again to be counted.
 *
 * `sender` is the holder of a credential. Its records have to be its own (see `faultOf`) and are
 * written under its name. Without one, the batch comes over a service binding, from a Worker of
 * this account.
 */
export async function receiveRecords(
  env: IssuerEnv,
  batch: readonly unknown[],
  sending: Sending = {},
): Promise<Result<Received, NotAppended>> {
  const { how, sender } = sending;
  const judged = await judge(env, batch, sending);
  const records = judged.flatMap(({ record }) => record ?? []);
  const refused = judged.flatMap(({ refusal }) => refusal ?? []);
  if (refused.length > 0) {
    const codes = [...new Set(refused.map(({ code }) => code))];
    const verifier = sender?.name;
    console.error({ event: 'records.refused', count: refused.length, codes, verifier });
  }
  const received = { written: records.length, refused };
  if (how === 'log_only') {
    const written = await append(env, records, sending);
    return written.ok ? ok({ ...received, ...written.value }) : written;
  }
  // A log that fails or is full must not keep the rules from stopping a workflow, so its error is
  // thrown afterwards. The verifier then repeats the batch, and each record is counted once.
  const written = await append(env, records, sending).catch((error: unknown) => ({ error }));
  const isFlood = 'ok' in written && !written.ok && written.error.code === 'rate_limited';
  if (!isFlood) {
    const byRoot = Map.groupBy(records.filter(isOfWorkflow), ({ workflow }) => rootOf(workflow));
    await Promise.all([...byRoot].map(([root, own]) => observe(env, root, own)));
  }
  if (!('ok' in written)) throw written.error;
  return written.ok ? ok({ ...received, ...written.value }) : written;
}

/** Counts the records of one tree, and lets the rules over history see what was not charged. */
async function observe(
  env: IssuerEnv,
  root: string,
  records: readonly (DecisionRecord & { readonly workflow: string })[],
): Promise<void> {
  const tools = new Set(records.flatMap(({ tool, charged }) => (charged ? [] : (tool ?? []))));
  await workflowOf(env, root).observe(records, await historyOfAll(env, tools));
}

/** What goes to one log. `arrived`: see the log's `append`. */
interface Part {
  readonly log: LogName;
  readonly records: readonly VerifierRecord[];
  readonly arrived?: readonly ArrivedNumbers[];
}

async function append(
  env: IssuerEnv,
  records: readonly VerifierRecord[],
  { log, sender }: Sending,
): Promise<Result<{ readonly fill?: number }, NotAppended>> {
  if (records.length === 0) return ok({});
  const parts = log === undefined ? partsOf(records) : [{ log, records }];
  const answers = await Promise.all(parts.map((part) => appendPart(env, part, sender)));
  const refusal = answers.find(({ ok }) => !ok);
  if (refusal && !refusal.ok) return refusal;
  return ok({ fill: Math.max(...answers.map((one) => (one.ok ? one.value.fill : 0))) });
}

async function appendPart(
  env: IssuerEnv,
  { log, records, arrived }: Part,
  sender: RemoteVerifier | undefined,
) {
  if (!sender) return ok(await appendTo(env, log, records, arrived));
  const { recordsPerVerifier: perMinute } = readConfig(env).rates;
  return await transparencyLog(env, log).appendFrom(
    { name: sender.name, perMinute },
    records,
    arrived,
  );
}

/**
 * Splits a batch that is numbered over all logs. Each record goes to the log of its workflow, and
 * the numbers to the log of the verifier's name: the others would see gaps everywhere.
 */
function partsOf(records: readonly VerifierRecord[]): readonly Part[] {
  const byLog = Map.groupBy(records, logOf);
  const byKeeper = Map.groupBy(records, ({ verifier }) => logOfVerifier(verifier));
  return [...new Set([...byLog.keys(), ...byKeeper.keys()])].map((log) => {
    const byVerifier = Map.groupBy(byKeeper.get(log) ?? [], ({ verifier }) => verifier);
    const arrived = [...byVerifier].map(([verifier, own]) => ({
      verifier,
      numbers: own.map(({ n }) => n),
    }));
    return { log, records: byLog.get(log) ?? [], arrived };
  });
}

interface Judged {
  readonly record?: VerifierRecord;
  readonly refusal?: RefusedRecord;
}

async function judge(
  env: IssuerEnv,
  batch: readonly unknown[],
  { sender, log }: Sending,
): Promise<readonly Judged[]> {
  const read = batch.map((value, index) => {
    const isBounded = index < RECORDS_PER_BATCH_MAX && sizeOf(value) <= RECORD_BYTES_MAX;
    return isBounded ? readVerifierRecord(value) : undefined;
  });
  const workflows = read.flatMap((record) => record?.workflow ?? []);
  const parties = sender ? await readParties(env, workflows, sender) : new Map<string, Parties>();
  const now = readClock();
  return read.map((record, index) => {
    const code = record
      ? (misplaced(record, log) ?? (sender && faultOf(record, sender, parties, now)))
      : 'malformed';
    if (record && code === undefined) return { record: sender ? named(record, sender) : record };
    const id = idOf(batch[index]);
    return { refusal: { index, code: code ?? 'malformed', ...(id !== undefined && { id }) } };
  });
}

/**
 * A trail is in one log, whatever a verifier says. A record without a workflow may be in any: its
 * verifier counts it there.
 */
const misplaced = (
  { workflow }: VerifierRecord,
  log: LogName | undefined,
): 'log_foreign' | undefined =>
  log === undefined || workflow === undefined || decisionLogOf(workflow, '') === log
    ? undefined
    : 'log_foreign';

/**
 * Returns why the holder of a credential cannot have made a record. It may only write about
 * workflows of its audiences, as they began: a credential that leaked must not count, stop or
 * incriminate anyone else.
 */
function faultOf(
  record: VerifierRecord,
  { audiences }: RemoteVerifier,
  parties: ReadonlyMap<string, Parties>,
  now: UnixMilliseconds,
): RecordFault | undefined {
  const { verifier, n, workflow, at } = record;
  const isOwn = OWN_NAME.test(verifier) && record.id === `${verifier}.${n}`;
  if (!isOwn || linkOf(record)?.startsWith(`${verifier}.`) === false) return 'name_invalid';
  if (at > now + RECORD_AHEAD_MILLISECONDS_MAX) return 'time_invalid';
  const known = workflow === undefined ? NO_PARTIES : parties.get(workflow);
  const isOfAudience = known && (known === NO_PARTIES || audiences.includes(known.audience));
  return isOfAudience && isAbout(record, known) ? undefined : 'workflow_foreign';
}

/** Of a record without a workflow: no token was verified, so it can name no one. */
const NO_PARTIES: Partial<Parties> & { readonly audience: string } = { audience: '' };

const isAbout = (record: VerifierRecord, parties: Partial<Parties>): boolean =>
  (['agent', 'subject', 'owner', 'task'] as const).every((name) => record[name] === parties[name]);

/** The decision or the dispatch that a record refers to, which has to be the same verifier's. */
function linkOf(record: VerifierRecord): string | undefined {
  switch (record.event) {
    case 'outcome':
      return record.decision;
    case 'decision':
      return record.dispatch;
    case 'dispatch':
      return undefined;
  }
}

/** Returns the record under the name of its sender, with each id that it contains. */
function named(record: VerifierRecord, sender: RemoteVerifier): VerifierRecord {
  const name = (text: string): string => verifierName(sender, text);
  const own = { verifier: name(record.verifier), id: name(record.id) };
  switch (record.event) {
    case 'outcome':
      return { ...record, ...own, decision: name(record.decision) };
    case 'decision': {
      const { dispatch } = record;
      return { ...record, ...own, ...(dispatch !== undefined && { dispatch: name(dispatch) }) };
    }
    case 'dispatch':
      return { ...record, ...own };
  }
}

/** A value that nests too deeply to be written is larger than any record. */
function sizeOf(value: unknown): number {
  try {
    return (JSON.stringify(value) ?? '').length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const idOf = (record: unknown): string | undefined => {
  const { id } = Object(record) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
};

/** Counted by the workflow. A route that only observes must not get workflows stopped. */
const isOfWorkflow = (record: VerifierRecord): record is DecisionRecord & { workflow: string } =>
  record.event === 'decision' &&
  !record.observed &&
  record.workflow !== undefined &&
  isWorkflowId(record.workflow);
