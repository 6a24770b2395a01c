import * as v from 'valibot';
import { readBounded } from '../body.ts';
import { isWithin, readClock } from '../clock.ts';
import { type BudgetClient, STATES } from '../lifecycle/index.ts';
import { LEDGER_MILLISECONDS_MAX } from '../limits.ts';
import { having, httpUrl } from '../option-values.ts';
import { expecting, type Members, optional, readOptions, text } from '../options.ts';
import { report } from '../report.ts';
import type { IssuerService } from '../verifier/index.ts';
import { LOG_ORIGIN } from './chain.ts';
import { asOf030, type VerifierRecord } from './kinds/index.ts';
import type { LogName } from './logs.ts';
import type { TakenBatch } from './record-sink.ts';

/** One batch. The outbox gives up at the same time, and sends it again. */
const BATCH_MILLISECONDS_MAX = 10_000;
/** Half of what the issuer accepts. Longer batches are sent in parts. */
const BATCH_CHARACTERS_MAX = 512 * 1024;
/** An answer with a refusal for each record of a batch has 20 KiB. */
const ANSWER_BYTES_MAX = 64 * 1024;
/** The issuer's own limits end within a minute. */
const PAUSE_SECONDS_MAX = 60;
/** An issuer that did not know a log may have been upgraded since. */
const UNKNOWN_LOG_MILLISECONDS = 60_000;

/** How a verifier reaches its issuer. */
export interface OverHttpOptions {
  /** The issuer's URL. */
  readonly issuer: string;
  /** One of the issuer's VERIFIER_CREDENTIALS, for the audience of the verifier. */
  readonly credential: string;
  /**
   * How the issuer is reached, if not by the global `fetch`: a service binding of a Worker, or a
   * function. A Worker beside its issuer in one Cloudflare account needs it.
   */
  readonly service?: IssuerService;
}

const service = expecting(
  'a service binding, or a function',
  (value) => typeof value === 'function' || having('fetch')(value) === undefined,
);

export const OVER_HTTP: Members<OverHttpOptions> = {
  issuer: httpUrl,
  credential: text,
  service: optional(service),
};

const RECEIVED = v.object({
  refused: v.array(v.object({ index: v.number(), code: v.string() })),
  fill: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

/**
 * Returns a sink for a `RecordOutbox` that writes to the issuer's audit log over HTTP. It throws
 * for an answer that is not 200, and after a 429 without asking again until its `Retry-After` is
 * over.
 *
 * With `log`, the records are numbered for that decision log, and each belongs to it by its
 * workflow: see `decisionLogOf`. Without it, or if the issuer does not know the log, the issuer
 * finds the log of each record.
 *
 * @example
 * ```ts
 * import { RecordOutbox, recordsOverHttp } from 'hewn/audit';
 *
 * const outbox = new RecordOutbox('api-1', recordsOverHttp({ issuer, credential }));
 * ```
 */
export function recordsOverHttp(
  options: OverHttpOptions,
  log?: LogName,
): (batch: readonly VerifierRecord[], how?: 'log_only') => Promise<TakenBatch> {
  const post = poster(readOptions(options, 'recordsOverHttp', OVER_HTTP));
  let unknownSince = Number.NEGATIVE_INFINITY;
  const postRecords = async (body: object): Promise<unknown> => {
    const isUnknown = isWithin(unknownSince, readClock(), UNKNOWN_LOG_MILLISECONDS);
    const origin = log === undefined || isUnknown ? LOG_ORIGIN : log;
    try {
      return await post('records', { origin, ...body }, BATCH_MILLISECONDS_MAX);
    } catch (error) {
      if (origin === LOG_ORIGIN || !isNotFound(error)) throw error;
      // An issuer of 0.3.0 has one log.
      unknownSince = readClock();
      return await post('records', { origin: LOG_ORIGIN, ...body }, BATCH_MILLISECONDS_MAX);
    }
  };
  const sendPart = async (
    batch: readonly VerifierRecord[],
    how: 'log_only' | undefined,
  ): Promise<TakenBatch> => {
    const only = how && { only: 'log' };
    const answer = await postRecords({ records: batch.map(ofNobodyIfForeign), ...only });
    const { refused, fill } = v.parse(RECEIVED, answer);
    // An issuer of 0.3.0 runs while a deployment is upgraded or rolled back.
    const again = refused.flatMap(({ index, code }) => {
      const record = code === 'malformed' ? batch[index] : undefined;
      const earlier = record && asOf030(record);
      return earlier && earlier !== record ? [earlier] : [];
    });
    const isAgain = (id: string | undefined) => again.some((record) => record.id === id);
    const final = refused.filter(({ index }) => !isAgain(batch[index]?.id));
    for (const { code } of final) report('records.refused', { code });
    const ids = final.flatMap(({ index }) => batch[index]?.id ?? []);
    const later = again.length === 0 ? [] : (await sendPart(again, how)).refused;
    return { refused: [...ids, ...later], ...(fill !== undefined && { fill }) };
  };
  return async (batch, how) => {
    const refused: string[] = [];
    let fill: number | undefined;
    // One after the other: the log counts a record only after those with lower numbers.
    for (const part of partsOf(batch)) {
      const taken = await sendPart(part, how);
      refused.push(...taken.refused);
      fill = taken.fill ?? fill;
    }
    return { refused, ...(fill !== undefined && { fill }) };
  };
}

const OF_RULE = { rule: v.string(), why: v.string() };
const REFUSAL = v.object({
  ok: v.literal(false),
  error: v.variant('code', [
    v.object({ code: v.literal('budget_exhausted'), meter: v.string(), left: v.number() }),
    v.object({ code: v.literal('budget_unmeasured'), pointer: v.string() }),
    v.object({
      code: v.literal('workflow_stopped'),
      state: v.picklist([...STATES, 'unknown']),
    }),
    v.object({ code: v.literal('too_many_leases') }),
    v.object({ code: v.literal('charge_returned') }),
    v.object({ code: v.literal('approval_used') }),
    v.object({
      code: v.literal('history_limit'),
      ...OF_RULE,
      counts: v.picklist(['calls', 'sum', 'distinct']),
      most: v.number(),
      left: v.number(),
      seconds: v.exactOptional(v.number()),
    }),
    v.object({ code: v.literal('history_used'), ...OF_RULE, pointer: v.string() }),
    v.object({
      code: v.literal('history_order'),
      ...OF_RULE,
      needs: v.picklist(['after', 'not_after']),
      of: v.string(),
      seconds: v.exactOptional(v.number()),
    }),
    v.object({
      code: v.literal('history_unmeasured'),
      ...OF_RULE,
      pointers: v.array(v.string()),
    }),
    v.object({ code: v.literal('history_full'), ...OF_RULE }),
  ]),
});
const CHARGED = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    // Null from an issuer of 0.3.0.
    value: v.nullable(v.object({ awaitsEnd: v.exactOptional(v.literal(true)) })),
  }),
  REFUSAL,
]);
const RETURNED = v.object({ returned: v.boolean() });
const LEASED = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    value: v.object({
      calls: v.pipe(v.number(), v.integer(), v.minValue(0)),
      expires: v.number(),
      summed: v.array(v.string()),
    }),
  }),
  REFUSAL,
]);

/**
 * Returns a client of the issuer's budgets over HTTP. It throws for an answer that is not of the
 * issuer's form: a call that cannot be counted is not made.
 */
export function budgetsOverHttp(options: OverHttpOptions): BudgetClient {
  const post = poster(readOptions(options, 'budgetsOverHttp', OVER_HTTP));
  const ask = (route: string, body: object) => post(route, body, LEDGER_MILLISECONDS_MAX);
  return {
    charge: async (request) => v.parse(CHARGED, await ask('charge', request)),
    giveBack: async (request) => v.parse(RETURNED, await ask('give-back', request)).returned,
    end: async (request, end) => {
      await ask('end', { ...request, end });
    },
    lease: async (request) => v.parse(LEASED, await ask('lease', request)),
    settle: async (workflow, lease, spent) => {
      await ask('settle', { workflow, lease, spent });
    },
  };
}

/** Its name is the code in the log: a wrong credential must not look like an outage. */
class UnexpectedAnswer extends Error {
  constructor(status: number, route: string) {
    super(`The issuer answered ${status} to ${route}.`);
    this.name = status === 401 ? 'credential_refused' : `issuer_answered_${status}`;
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && error.name === 'issuer_answered_404';

/** Posts JSON to a route of verifiers. Returns the JSON of the answer; undefined if it has none. */
function poster({ issuer, credential, service }: OverHttpOptions) {
  const send = sendThrough(service);
  let pause = { since: Number.NEGATIVE_INFINITY, milliseconds: 0 };
  const base = issuer.replace(/\/+$/, '');
  return async (route: string, body: object, milliseconds: number): Promise<unknown> => {
    if (isWithin(pause.since, readClock(), pause.milliseconds)) {
      throw new Error('The issuer answered 429 a moment ago.');
    }
    const response = await send(`${base}/verifier/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // A redirect is not followed and counts as a failure: the credential must not reach another
      // host. workerd does not support 'error' here.
      redirect: 'manual',
      signal: AbortSignal.timeout(milliseconds),
    });
    const { status, headers } = response;
    if (status === 200) return readJson(response);
    await response.body?.cancel();
    if (status === 204) return undefined;
    if (status === 429) {
      const seconds = Math.min(Number(headers.get('retry-after')) || 1, PAUSE_SECONDS_MAX);
      pause = { since: readClock(), milliseconds: seconds * 1_000 };
    }
    throw new UnexpectedAnswer(status, route);
  };
}

/** Returns a `fetch` that reaches the issuer. */
export function sendThrough(service: IssuerService | undefined): typeof fetch {
  if (!service) return (url, init) => fetch(url, init);
  if (typeof service === 'function') return (url, init) => service(String(url), init);
  return (url, init) => service.fetch(String(url), init);
}

async function readJson(response: Response): Promise<unknown> {
  const answer = await readBounded(response, ANSWER_BYTES_MAX);
  if (!answer.ok) throw new Error(`The answer of the issuer is not usable: ${answer.error.code}.`);
  return JSON.parse(answer.value);
}

/** Splits a batch so that each part is short enough for one request. */
function partsOf(batch: readonly VerifierRecord[]): readonly (readonly VerifierRecord[])[] {
  const parts: VerifierRecord[][] = [];
  let room = 0;
  for (const record of batch) {
    const length = JSON.stringify(record).length;
    const part = length <= room ? parts.at(-1) : undefined;
    room = (part ? room : BATCH_CHARACTERS_MAX) - length;
    if (part) part.push(record);
    else parts.push([record]);
  }
  return parts;
}

/**
 * A token for another resource server or of another issuer names parties of a workflow that does
 * not exist for this credential. Its denial is recorded as that of a stranger.
 */
function ofNobodyIfForeign(record: VerifierRecord): VerifierRecord {
  if (record.event !== 'decision' || !FOREIGN.includes(record.code)) return record;
  const { workflow: _, agent: __, subject: ___, owner: ____, task: _____, ...rest } = record;
  return rest;
}

const FOREIGN: readonly (string | undefined)[] = ['audience_mismatch', 'issuer_mismatch'];
