import { isWithin, type UnixMilliseconds } from '../../clock.ts';
import { CONFIRM_MILLISECONDS_MAX } from '../../limits.ts';
import { httpUrl } from '../../option-values.ts';
import {
  type Check,
  callable,
  integerFrom,
  type Members,
  optional,
  readOptions,
  text,
} from '../../options.ts';
import { report } from '../../report.ts';

const CONFIRM_AGAIN_MILLISECONDS = 60_000; // A fifth of VERIFIERS_SEEN_SECONDS.
const CONFIRM_RECORDS_MILLISECONDS = 250; // While records wait: they may be lost with the process.

/** How far a verifier has applied the log of a shard. */
export interface FeedConfirmation {
  /** Names one process or one isolate: `[A-Za-z0-9_.:-]`, up to 64. */
  readonly verifier: string;
  readonly epoch: number;
  readonly seq: number;
  /** Only from a verifier that writes decision records. */
  readonly records?: readonly RecordCount[];
}

/** How many records a verifier has numbered for one audit log. Missing numbers are lost records. */
export interface RecordCount {
  /** The name of the audit log at the issuer. */
  readonly origin: string;
  /** The highest number. */
  readonly n: number;
}

/** The record counts of a verifier. */
export interface RecordCounts {
  readonly counts: readonly RecordCount[];
  /** Whether records wait longer than sending takes, so they may be lost with this verifier. */
  readonly isBehind: boolean;
}

/** Sends a confirmation to the issuer. Throws if it did not arrive. */
export type ConfirmationSink = (shard: number, confirmation: FeedConfirmation) => Promise<void>;

/** Who confirms, and how. */
export interface FeedReporterOptions {
  /** Names this process or isolate: see `FeedConfirmation`. */
  readonly verifier: string;
  readonly send: ConfirmationSink;
  /** Defaults to 0. */
  readonly shard?: number;
  /** Returns the record counts to send with each confirmation. */
  readonly records?: () => RecordCounts;
  /** Receives what `send` throws, which changes no decision. Defaults to the console. */
  readonly failed?: (error: unknown) => void;
}

/** The issuer's own rule. It would reject any other name, and the verifier would never count. */
const verifierName: Check = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9_.:-]{1,64}$/.test(value)
    ? undefined
    : 'a name of 1 to 64 letters, digits or _.:-';

const REPORTER: Members<FeedReporterOptions> = {
  verifier: verifierName,
  send: callable,
  shard: optional(integerFrom(0)),
  records: optional(callable),
  failed: optional(callable),
};

type Position = Pick<FeedConfirmation, 'epoch' | 'seq'>;

interface SentConfirmation extends Position {
  readonly at: UnixMilliseconds;
  readonly counts: string;
}

/**
 * Confirms to the issuer how far this copy of the feed is, so an operator sees which verifiers have
 * a revocation. It confirms each new position, and once a minute. While records wait, it also sends
 * their counts as they grow, so the loss of this process shows in the audit log.
 *
 * @example
 * ```ts
 * import { confirmOverHttp, FeedReporter } from 'hewn/feed';
 *
 * const reporter = new FeedReporter({
 *   verifier: 'orders-api-1',
 *   send: confirmOverHttp({ issuer, credential }),
 * });
 * await reporter.confirm(feed.head, Date.now());
 * ```
 */
export class FeedReporter {
  readonly #options: FeedReporterOptions;
  #sent: SentConfirmation | undefined;

  constructor(options: FeedReporterOptions) {
    this.#options = readOptions(options, 'FeedReporter', REPORTER);
  }

  /** Sends a confirmation of the head, if one is due. Never rejects. */
  async confirm(head: Position | undefined, now: UnixMilliseconds): Promise<void> {
    const before = this.#sent;
    if (!head) return;
    const { epoch, seq } = head;
    const { verifier, send, shard = 0, records, failed } = this.#options;
    const { counts = [], isBehind = false } = records?.() ?? {};
    const next: SentConfirmation = { epoch, seq, at: now, counts: JSON.stringify(counts) };
    if (before && !isDue(before, next, isBehind)) return;
    this.#sent = next;
    try {
      await send(shard, { verifier, epoch, seq, ...(counts.length > 0 && { records: counts }) });
    } catch (error) {
      // Send it again next time, unless a newer one was sent meanwhile.
      if (this.#sent === next) this.#sent = before;
      reportFailure(failed, shard, error);
    }
  }
}

/** Calls the listener. An error of the listener is reported and goes no further. */
function reportFailure(failed: FeedReporterOptions['failed'], shard: number, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error;
  const toConsole = (): void => report('feed.unconfirmed', { shard, error: name });
  try {
    Promise.resolve((failed ?? toConsole)(error) as unknown).catch(toConsole);
  } catch {
    toConsole();
  }
}

function isDue(before: SentConfirmation, next: SentConfirmation, isBehind: boolean): boolean {
  if (before.epoch !== next.epoch || before.seq !== next.seq) return true;
  const hasNewCounts = isBehind && before.counts !== next.counts;
  const wait = hasNewCounts ? CONFIRM_RECORDS_MILLISECONDS : CONFIRM_AGAIN_MILLISECONDS;
  return !isWithin(before.at, next.at, wait);
}

/** Where `confirmOverHttp` sends confirmations. */
export interface ConfirmOptions {
  /** The issuer's URL. */
  readonly issuer: string;
  /** One of the issuer's VERIFIER_CREDENTIALS. */
  readonly credential: string;
  readonly fetch?: typeof fetch;
}

const CONFIRM: Members<ConfirmOptions> = {
  issuer: httpUrl,
  credential: text,
  fetch: optional(callable),
};

/**
 * Returns a sink that sends confirmations to `POST /feed/v2/<shard>/confirm`, for a verifier
 * without a service binding.
 */
export function confirmOverHttp(options: ConfirmOptions): ConfirmationSink {
  const {
    issuer,
    credential,
    fetch: send = fetch,
  } = readOptions(options, 'confirmOverHttp', CONFIRM);
  const post = async (shard: number, confirmation: FeedConfirmation): Promise<number> => {
    const response = await send(`${issuer}/feed/v2/${shard}/confirm`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify(confirmation),
      // A redirect is not followed and counts as a failure: the credential must not reach another
      // host. workerd does not support 'error' here.
      redirect: 'manual',
      signal: AbortSignal.timeout(CONFIRM_MILLISECONDS_MAX),
    });
    await response.body?.cancel();
    return response.status;
  };
  return async (shard, { records, ...position }) => {
    const status = await post(shard, { ...position, ...(records && { records }) });
    // An issuer of release 0.1.0 does not know record counts and rejects unknown members.
    const last = status === 400 && records ? await post(shard, position) : status;
    if (last >= 200 && last <= 299) return;
    const error = new Error(`The issuer returned HTTP ${last}.`);
    // The name is logged: a wrong credential must not look like an outage.
    error.name = last === 401 ? 'credential_refused' : `issuer_answered_${last}`;
    throw error;
  };
}
