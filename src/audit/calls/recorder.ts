import { readClock } from '../../clock.ts';
import { GATEWAY_DENIALS, isOperatorStop } from '../../denials/index.ts';
import { toBase64Url } from '../../encoding.ts';
import {
  type ConfirmationSink,
  confirmOverHttp,
  type FeedConfirmation,
  FeedReporter,
} from '../../feed/index.ts';
import { Ledger } from '../../lifecycle/index.ts';
import { callable, type Members, optional, readOptions } from '../../options.ts';
import { type Report, reportTo } from '../../report.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type {
  CallFacts,
  CallOutcome,
  CallRefusal,
  DecisionRecorder,
  RecordedCall,
  RequestFacts,
} from '../../verifier/index.ts';
import { type Observation, type Outcome, sampleOf } from '../kinds/index.ts';
import {
  budgetsOverHttp,
  OVER_HTTP,
  type OverHttpOptions,
  recordsOverHttp,
  sendThrough,
} from '../over-http.ts';
import { ShardedOutbox } from '../sharded-outbox.ts';
import {
  type Allowed,
  type CallAccounts,
  type CallDenial,
  type Denied,
  type OpenCall,
  openCall,
  recordDenial,
  reserve,
  sendMeanwhile,
  withRequest,
} from './reservation.ts';
import { letProcessEnd, sendRecords } from './send-records.ts';

/** How a verifier that is not a gateway reaches the audit log and the budgets of its issuer. */
export interface RecorderOptions extends OverHttpOptions {
  /** Receives failures that change no answer. Defaults to the console. */
  readonly report?: Report;
}

const OPTIONS: Members<RecorderOptions> = { ...OVER_HTTP, report: optional(callable) };

/**
 * Records the decisions of a verifier and counts its calls, over HTTP. Made by `createRecorder`.
 * Its name is random for each process or isolate: the log writes it after that of the credential.
 */
export interface Recorder extends DecisionRecorder {
  /**
   * Reports to the issuer how far this verifier has applied the log of a shard, with the number of
   * its records, if a report is due: see `FeedReporter`. Never rejects.
   */
  confirm(shard: number, head: Position | undefined): Promise<void>;
  /**
   * Sends what waits for up to 5 s, when a server ends. Returns whether all of it was sent. What
   * was not shows as a gap in the audit log, if a count of it arrived.
   */
  close(): Promise<boolean>;
}

type Position = Pick<FeedConfirmation, 'epoch' | 'seq'>;

const CLOSE_MILLISECONDS_MAX = 5_000;
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
  readonly #options: OverHttpOptions;
  readonly #report: Report;
  readonly #confirm: ConfirmationSink;
  readonly #reporters = new Map<number, FeedReporter>();
  /** Made with the first use: at the top of its module, a Worker has no random numbers. */
  #made: CallAccounts | undefined;
  /** When each flush that may still be running began. */
  #flushes: number[] = [];
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor({ report, ...options }: RecorderOptions) {
    this.#options = options;
    this.#report = (event, detail) => reportTo(report, event, detail);
    const { issuer, credential, service } = options;
    this.#confirm = confirmOverHttp({ issuer, credential, fetch: sendThrough(service) });
  }

  get verifier(): string {
    return this.#accounts.outbox.verifier;
  }

  denied(decision: Denied, facts: RequestFacts): void {
    try {
      const judged = withRequest({ ...decision, ...observationOf(facts) }, facts.args);
      recordDenial(this.#accounts, judged, facts.method);
    } catch (error) {
      this.#failed(error);
    }
  }

  async open(decision: Allowed, facts: CallFacts): Promise<Result<RecordedCall, CallRefusal>> {
    try {
      const accounts = this.#accounts;
      const { method, args } = facts;
      const judged = withRequest({ ...decision, ...observationOf(facts) }, args);
      const opened = judged.observed
        ? ok(openCall(accounts, judged, method))
        : await reserve(accounts, judged, args, method);
      if (opened.ok) return ok(this.#follow(opened.value));
      const { denial, ...reserved } = opened.error;
      const refusal = refusalOf(denial);
      if (judged.mode === 'observe' && !isOperatorStop(denial.code)) {
        const call = openCall(accounts, { ...judged, observed: denial }, method, reserved);
        return ok({ ...this.#follow(call), observed: refusal });
      }
      const denied = { ...judged, allowed: false, denial } as const;
      recordDenial(accounts, denied, method, reserved);
      return refuse(refusal);
    } catch (error) {
      this.#failed(error);
      return refuse(refusalOf({ code: 'record_unwritten' }));
    }
  }

  /** Sends the record of the call meanwhile. Returns how its outcome is added. */
  #follow(call: OpenCall): RecordedCall {
    const stopTimer = sendMeanwhile(call, () => void this.flush());
    return {
      close: (outcome) => {
        stopTimer();
        call.close(outcomeOf(outcome));
      },
    };
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

  async confirm(shard: number, head: Position | undefined): Promise<void> {
    await this.#reporterOf(shard).confirm(head, readClock());
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

  #reporterOf(shard: number): FeedReporter {
    const known = this.#reporters.get(shard);
    if (known) return known;
    const { outbox } = this.#accounts;
    const reporter = new FeedReporter({
      verifier: outbox.verifier,
      shard,
      send: this.#confirm,
      failed: (error) => {
        this.#report('feed.unconfirmed', { shard, error: (error as Error).name });
      },
      // Reported once: the numbers count the records of all shards.
      ...(shard === 0 && { records: () => outbox.counts() }),
    });
    this.#reporters.set(shard, reporter);
    return reporter;
  }

  get #accounts(): CallAccounts {
    this.#made ??= {
      outbox: new ShardedOutbox(
        toBase64Url(crypto.getRandomValues(new Uint8Array(12))),
        (log) => recordsOverHttp(this.#options, log),
        this.#report,
      ),
      ledger: new Ledger(budgetsOverHttp(this.#options), undefined, this.#report),
    };
    return this.#made;
  }

  /**
   * Continues while the issuer does not answer. A Worker drops the timer at the end of its request:
   * there, the next request sends what waits.
   */
  #retryLater(): void {
    clearTimeout(this.#retry);
    const wait = Math.min(
      RETRY_MILLISECONDS_MIN * 2 ** Math.max(0, this.#failures - 1),
      RETRY_MILLISECONDS_MAX,
    );
    this.#retry = setTimeout(() => void this.flush(), wait);
    letProcessEnd(this.#retry);
  }

  #failed(error: unknown): void {
    const code = error instanceof Error ? error.name : typeof error;
    this.#report('recorder.failed', { code });
  }
}

const observationOf = ({ mode, args }: RequestFacts): Observation =>
  mode ? { mode, sample: sampleOf(args) } : {};

/** Returns a refusal with its row of the table of codes. */
const refusalOf = ({ code }: CallDenial): CallRefusal => {
  const { status, error, message } = GATEWAY_DENIALS[code];
  return { code, status, error, message };
};

/** An answer with an error of the server says nothing about what the handler did before it. */
function outcomeOf({ status, milliseconds, threw }: CallOutcome): Outcome {
  // The bytes of the answer are not counted: the handler's response is not read here.
  const known = { status, milliseconds: Math.max(0, milliseconds), bytes: 0 };
  if (threw) return { ...known, result: 'unknown' };
  if (status >= 500) return { ...known, result: 'unknown', cause: 'status' };
  return { ...known, result: status >= 400 ? 'tool_error' : 'ok' };
}
