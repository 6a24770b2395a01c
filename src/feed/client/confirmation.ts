import { isWithin } from '../../clock.ts';
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
const CONFIRM_RECORDS_MILLISECONDS = 250; // While records wait; what is later may be lost.

/** How far a verifier has applied the log of a shard, in its own words. */
export interface FeedConfirmation {
  /** One process or one isolate: `[A-Za-z0-9_.:-]`, up to 64. */
  readonly verifier: string;
  readonly epoch: number;
  readonly seq: number;
  /** Of a verifier that leaves records. */
  readonly records?: readonly RecordCount[];
}

/** How many records a verifier has numbered for one audit log: what of them never comes is lost. */
export interface RecordCount {
  /** The log, as the issuer calls it. */
  readonly origin: string;
  /** The highest number. */
  readonly n: number;
}

export interface RecordCounts {
  readonly counts: readonly RecordCount[];
  /** Records wait longer than it takes to send them: they might be lost with this verifier. */
  readonly isBehind: boolean;
}

/** Takes it to the issuer; throws where it did not arrive. */
export type ConfirmationSink = (shard: number, confirmation: FeedConfirmation) => Promise<void>;

export interface FeedReporterOptions {
  readonly verifier: string;
  readonly send: ConfirmationSink;
  readonly shard?: number;
  /** What is said of records with each confirmation. */
  readonly records?: () => RecordCounts;
  /**
   * Sees what `send` threw, which changes no decision. Without it, the console is told.
   */
  readonly failed?: (error: unknown) => void;
}

/** As the issuer takes it: what it refuses would be confirmed to nobody, without a word. */
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

type Place = Pick<FeedConfirmation, 'epoch' | 'seq'>;

interface Told extends Place {
  readonly at: number;
  readonly counts: string;
}

/**
 * Tells the issuer how far this copy of the feed is, as it moves and once a minute, so that an
 * operator who revokes is told who has it. While records wait, their numbers are told as they rise:
 * what this verifier takes with it when it ends is then missed.
 */
export class FeedReporter {
  readonly #options: FeedReporterOptions;
  #told: Told | undefined;

  constructor(options: FeedReporterOptions) {
    this.#options = readOptions(options, 'FeedReporter', REPORTER);
  }

  /** `now` is in milliseconds since the epoch. Never throws. */
  async tell(head: Place | undefined, now: number): Promise<void> {
    const told = this.#told;
    if (!head) return;
    const { epoch, seq } = head;
    const { verifier, send, shard = 0, records, failed } = this.#options;
    const { counts = [], isBehind = false } = records?.() ?? {};
    const telling: Told = { epoch, seq, at: now, counts: JSON.stringify(counts) };
    if (told && !isDue(told, telling, isBehind)) return;
    this.#told = telling;
    try {
      await send(shard, { verifier, epoch, seq, ...(counts.length > 0 && { records: counts }) });
    } catch (error) {
      // Unless something newer was told meanwhile, the next one says it again.
      if (this.#told === telling) this.#told = told;
      tell(failed, shard, error);
    }
  }
}

/** What a listener throws is its own: `tell` never throws. */
function tell(failed: FeedReporterOptions['failed'], shard: number, error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error;
  const say = (): void => report('feed.unconfirmed', { shard, error: name });
  try {
    Promise.resolve((failed ?? say)(error) as unknown).catch(say);
  } catch {
    say();
  }
}

function isDue(told: Told, telling: Told, isBehind: boolean): boolean {
  if (told.epoch !== telling.epoch || told.seq !== telling.seq) return true;
  const isNews = isBehind && told.counts !== telling.counts;
  const wait = isNews ? CONFIRM_RECORDS_MILLISECONDS : CONFIRM_AGAIN_MILLISECONDS;
  return !isWithin(told.at, telling.at, wait);
}

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

/** For a verifier that has no service binding: `POST /feed/v2/<shard>/confirm`. */
export function confirmOverHttp(options: ConfirmOptions): ConfirmationSink {
  const {
    issuer,
    credential,
    fetch: ask = fetch,
  } = readOptions(options, 'confirmOverHttp', CONFIRM);
  const post = async (shard: number, confirmation: FeedConfirmation): Promise<number> => {
    const response = await ask(`${issuer}/feed/v2/${shard}/confirm`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify(confirmation),
      // Another host, where this one points at one, does not get the credential: a redirect is not
      // followed and is no success. (workerd knows no 'error' here.)
      redirect: 'manual',
      signal: AbortSignal.timeout(CONFIRM_MILLISECONDS_MAX),
    });
    await response.body?.cancel();
    return response.status;
  };
  return async (shard, { records, ...place }) => {
    const status = await post(shard, { ...place, ...(records && { records }) });
    // An issuer of 0.1.0 knows no numbers of records, and takes nothing that it does not know.
    const last = status === 400 && records ? await post(shard, place) : status;
    if (last < 200 || last > 299) throw new Error(`the issuer answered ${last}`);
  };
}
