import { isWithin, toSeconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
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
import { RELEASE } from '../../release.ts';
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
  /** The resource server that the verifier guards. */
  readonly audience?: string;
  /** The release of Hewn that it runs. */
  readonly version?: string;
  /** How old its head is, in seconds. */
  readonly head_age?: number;
  /** The code of its last attempt to read the feed; absent if that succeeded. */
  readonly error?: string;
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
  /** The resource server that this verifier guards, for the operators who watch it. */
  readonly audience?: string;
  /** Returns why the last attempt to read the feed failed: `fault` of the `FeedClient`. */
  readonly fault?: () => string | undefined;
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
  audience: optional(text),
  fault: optional(callable),
  failed: optional(callable),
};

type Position = Pick<FeedConfirmation, 'epoch' | 'seq'>;

/** A position, with the time of its head if that is known. */
type Confirmed = Position & { readonly issued_at?: UnixSeconds };

interface SentConfirmation extends Position {
  readonly at: UnixMilliseconds;
  readonly counts: string;
  readonly error: string | undefined;
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
  async confirm(head: Confirmed | undefined, now: UnixMilliseconds): Promise<void> {
    const before = this.#sent;
    if (!head) return;
    const { epoch, seq } = head;
    const { shard = 0, records, fault, failed } = this.#options;
    const { counts = [], isBehind = false } = records?.() ?? {};
    const error = fault?.();
    const next: SentConfirmation = { epoch, seq, at: now, counts: JSON.stringify(counts), error };
    if (before && !isDue(before, next, isBehind)) return;
    this.#sent = next;
    try {
      await this.#options.send(shard, this.#describe(head, next, counts));
    } catch (error) {
      // Send it again next time, unless a newer one was sent meanwhile.
      if (this.#sent === next) this.#sent = before;
      reportFailure(failed, shard, error);
    }
  }

  #describe(
    { epoch, seq, issued_at: issuedAt }: Confirmed,
    { at, error }: SentConfirmation,
    counts: readonly RecordCount[],
  ): FeedConfirmation {
    const { verifier, audience } = this.#options;
    return {
      verifier,
      epoch,
      seq,
      ...(counts.length > 0 && { records: counts }),
      ...(audience !== undefined && { audience }),
      version: RELEASE,
      ...(issuedAt !== undefined && { head_age: Math.max(0, toSeconds(at) - issuedAt) }),
      ...(error !== undefined && { error }),
    };
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
  if (before.error !== next.error) return true;
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
  // What an issuer of an earlier release rejects is not sent to it again.
  let members = Number.POSITIVE_INFINITY;
  return async (shard, confirmation) => {
    let last = 0;
    for (const form of formsOf(confirmation)) {
      const known = Object.keys(form).length;
      if (known > members) continue;
      last = await post(shard, form);
      if (last !== 400) break;
      members = known - 1;
    }
    if (last >= 200 && last <= 299) return;
    const error = new Error(`The issuer returned HTTP ${last}.`);
    // The name is logged: a wrong credential must not look like an outage.
    error.name = last === 401 ? 'credential_refused' : `issuer_answered_${last}`;
    throw error;
  };
}

/**
 * Returns a confirmation as each release takes it, the newest first: an issuer rejects members that
 * it does not know. Release 0.3.0 knows record counts, and release 0.1.0 only positions.
 */
function formsOf(confirmation: FeedConfirmation): readonly FeedConfirmation[] {
  const { verifier, epoch, seq, records } = confirmation;
  const position = { verifier, epoch, seq };
  const forms = [confirmation, { ...position, ...(records && { records }) }, position];
  const sizes = forms.map((form) => Object.keys(form).length);
  return forms.filter((_, place) => sizes.indexOf(sizes[place] ?? 0) === place);
}
