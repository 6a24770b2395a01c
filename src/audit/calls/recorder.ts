import type { JsonObject } from '../../canonical-json.ts';
import { readClock } from '../../clock.ts';
import { GATEWAY_DENIALS } from '../../denials/index.ts';
import { toBase64Url } from '../../encoding.ts';
import { Ledger } from '../../lifecycle/index.ts';
import { callable, type Members, optional, readOptions } from '../../options.ts';
import { type Report, reportTo } from '../../report.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { LOG_ORIGIN } from '../chain.ts';
import type { Outcome } from '../kinds/index.ts';
import { RecordOutbox } from '../outbox.ts';
import { budgetsOverHttp, OVER_HTTP, type OverHttpOptions, recordsOverHttp } from '../over-http.ts';
import {
  type Allowed,
  type CallAccounts,
  type CallDenial,
  type Denied,
  openCall,
  RECORD_OPEN_MILLISECONDS_MAX,
  recordDenial,
  reserve,
} from './reservation.ts';
import { letProcessEnd, sendRecords } from './send-records.ts';

/** How a verifier that is not a gateway reaches the audit log and the budgets of its issuer. */
export interface RecorderOptions extends OverHttpOptions {
  /** Receives failures that change no answer. Defaults to the console. */
  readonly report?: Report;
}

const OPTIONS: Members<RecorderOptions> = { ...OVER_HTTP, report: optional(callable) };

/** Why a call is not made although the verifier allows it, with its row of the table of codes. */
export interface RecorderRefusal {
  readonly code: CallDenial['code'];
  readonly status: (typeof GATEWAY_DENIALS)[CallDenial['code']]['status'];
  readonly error: (typeof GATEWAY_DENIALS)[CallDenial['code']]['error'];
  readonly message: string;
}

/** A verifier's name and the number of its records, for reports of its position. */
interface Counts {
  readonly counts: readonly { readonly origin: string; readonly n: number }[];
  readonly isBehind: boolean;
}

/** What became of a call. */
interface CallOutcome {
  readonly status: number;
  readonly milliseconds: number;
  /** The handler threw, so it is unknown what it has done. */
  readonly threw: boolean;
  /** Of the body of the answer; 0 if they were not counted. */
  readonly bytes?: number;
}

/** Records the decisions of a verifier and counts its calls. Made by `createRecorder`. */
export interface Recorder {
  /** Random for each process or isolate. The log writes it after the name of the credential. */
  readonly verifier: string;
  /** Records a denied request. Returns at once and never throws. */
  denied(decision: Denied, facts: { readonly method: string }): void;
  /**
   * Charges an allowed call and, in tier 3, records it before it is made. Refuses a call that
   * cannot be charged or recorded, and records that. Never rejects.
   *
   * A decision with `observed` is recorded as the denial that it would have been, and not charged.
   */
  open(
    decision: Allowed,
    facts: { readonly method: string; readonly args: JsonObject },
  ): Promise<Result<{ close(outcome: CallOutcome): void }, RecorderRefusal>>;
  /**
   * Sends what waits, and settles leases. For `ctx.waitUntil` in a Worker. In Node, it continues in
   * the background while the issuer does not answer. Never rejects.
   */
  flush(): Promise<void>;
  /** Returns how many records were numbered, for `FeedReporter`. */
  counts(): Counts;
  /**
   * Sends what waits for up to 10 s, when a server ends. Returns whether all of it was sent. What
   * was not shows as a gap in the audit log, if a count of it arrived.
   */
  close(): Promise<boolean>;
}

const CLOSE_MILLISECONDS_MAX = 10_000;
/** Requests of an outage that wait for the issuer at a time. Others leave their records to them. */
const FLUSHES_MAX = 4;
/** A request of a Worker may end in its flush, and then never says so. */
const FLUSH_MILLISECONDS_MAX = 30_000;
/** The first wait after a flush that failed; each further one is twice as long. */
const RETRY_MILLISECONDS_MIN = 1_000;
const RETRY_MILLISECONDS_MAX = 30_000;

/**
 * Creates the recorder of a verifier, for the `records` of `protect`: each decision becomes a
 * record in the issuer's audit log, and each call is charged to the budgets of its workflow, as the
 * gateway does it. Needs a credential of the issuer's VERIFIER_CREDENTIALS. Does no I/O before the
 * first request, so it may be called at the top of a module.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { createRecorder } from 'hewn/audit';
 *
 * const records = createRecorder({ issuer, credential });
 * const decision = await verifier.verify(token, {
 *   tier: 1,
 *   tool: 'crm.search',
 *   action: 'read',
 *   dataset: 'crm/contacts/eu',
 * });
 * if (!decision.allowed) records.denied(decision, { method: 'GET' });
 * else {
 *   const call = await records.open(decision, { method: 'GET', args: {} });
 *   if (call.ok) call.value.close({ status: 200, milliseconds: 3, threw: false });
 * }
 * await records.flush();
 * ```
 */
export function createRecorder(options: RecorderOptions): Recorder {
  return new HttpRecorder(readOptions(options, 'createRecorder', OPTIONS));
}

class HttpRecorder implements Recorder {
  readonly #options: RecorderOptions;
  /** Made with the first use: at the top of its module, a Worker has no random numbers. */
  #made: CallAccounts | undefined;
  /** When each flush that may still be running began. */
  #flushes: number[] = [];
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  get verifier(): string {
    return this.#accounts.outbox.verifier;
  }

  denied(decision: Denied, { method }: { readonly method: string }): void {
    try {
      recordDenial(this.#accounts, decision, method);
    } catch (error) {
      this.#failed(error);
    }
  }

  async open(
    decision: Allowed,
    { method, args }: { readonly method: string; readonly args: JsonObject },
  ): ReturnType<Recorder['open']> {
    try {
      const accounts = this.#accounts;
      const opened = decision.observed
        ? ok(openCall(accounts, decision, method))
        : await reserve(accounts, decision, args, method);
      if (!opened.ok) {
        const { denial, ...reserved } = opened.error;
        const { evidence } = decision;
        recordDenial(accounts, { allowed: false, denial, evidence }, method, reserved);
        return refuse(refusalOf(denial));
      }
      const call = opened.value;
      const stopTimer = this.#sendMeanwhile(call.isWrite);
      return ok({
        close: (outcome) => {
          stopTimer();
          call.close(outcomeOf(outcome));
        },
      });
    } catch (error) {
      this.#failed(error);
      return refuse(refusalOf({ code: 'record_unwritten' }));
    }
  }

  async flush(): Promise<void> {
    const now = readClock();
    this.#flushes = this.#flushes.filter((at) => at <= now && now - at < FLUSH_MILLISECONDS_MAX);
    if (this.#flushes.length >= FLUSHES_MAX) return;
    this.#flushes.push(now);
    try {
      const { outbox, ledger } = this.#accounts;
      const [isSent] = await Promise.all([sendRecords(outbox), ledger.settle()]);
      this.#failures = isSent ? 0 : this.#failures + 1;
      if (!isSent) this.#retryLater();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#flushes = this.#flushes.filter((at) => at !== now);
    }
  }

  counts(): Counts {
    const { outbox } = this.#accounts;
    const { highest } = outbox;
    return {
      counts: highest === 0 ? [] : [{ origin: LOG_ORIGIN, n: highest }],
      isBehind: outbox.isBehind(readClock()),
    };
  }

  async close(): Promise<boolean> {
    const { outbox, ledger } = this.#accounts;
    const begun = readClock();
    for (let wait = 100; readClock() - begun < CLOSE_MILLISECONDS_MAX; wait *= 2) {
      await Promise.all([outbox.flush(), ledger.settle()]);
      if (outbox.waiting === 0) break;
      await new Promise((passed) => setTimeout(passed, wait));
    }
    clearTimeout(this.#retry);
    return outbox.waiting === 0;
  }

  get #accounts(): CallAccounts {
    this.#made ??= {
      outbox: new RecordOutbox(
        toBase64Url(crypto.getRandomValues(new Uint8Array(12))),
        recordsOverHttp(overHttp(this.#options)),
        undefined,
        (event, detail) => reportTo(this.#options.report, event, detail),
      ),
      ledger: new Ledger(budgetsOverHttp(overHttp(this.#options)), undefined, (event, detail) =>
        reportTo(this.#options.report, event, detail),
      ),
    };
    return this.#made;
  }

  /**
   * The record does not wait for a slow handler: that of a write is sent with the call, that of a
   * read a moment later.
   */
  #sendMeanwhile(isWrite: boolean): () => void {
    if (isWrite) {
      void this.flush();
      return () => undefined;
    }
    const timer = setTimeout(() => void this.flush(), RECORD_OPEN_MILLISECONDS_MAX);
    letProcessEnd(timer);
    return () => clearTimeout(timer);
  }

  /**
   * Goes on while the issuer does not answer. A Worker drops the timer at the end of its request:
   * there, the next request sends what waits.
   */
  #retryLater(): void {
    clearTimeout(this.#retry);
    const wait = Math.min(
      RETRY_MILLISECONDS_MIN * 2 ** (this.#failures - 1),
      RETRY_MILLISECONDS_MAX,
    );
    this.#retry = setTimeout(() => void this.flush(), wait);
    letProcessEnd(this.#retry);
  }

  #failed(error: unknown): void {
    const code = error instanceof Error ? error.name : typeof error;
    reportTo(this.#options.report, 'recorder.failed', { code });
  }
}

const overHttp = ({ report: _, ...options }: RecorderOptions): OverHttpOptions => options;

const refusalOf = ({ code }: CallDenial): RecorderRefusal => {
  const { status, error, message } = GATEWAY_DENIALS[code];
  return { code, status, error, message };
};

/** An answer with an error of the server says nothing about what the handler did before it. */
function outcomeOf({ status, milliseconds, threw, bytes = 0 }: CallOutcome): Outcome {
  const known = { status, milliseconds: Math.max(0, milliseconds), bytes };
  if (threw) return { ...known, result: 'unknown' };
  if (status >= 500) return { ...known, result: 'unknown', cause: 'status' };
  return { ...known, result: status >= 400 ? 'tool_error' : 'ok' };
}
