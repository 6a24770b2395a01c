import { isWithin } from '../clock.ts';
import { CONFIRM_AGAIN_MILLISECONDS, CONFIRM_MILLISECONDS_MAX } from '../limits.ts';
import { httpUrl } from '../option-values.ts';
import {
  type Check,
  callable,
  integerFrom,
  type Members,
  optional,
  readOptions,
  text,
} from '../options.ts';

/** How far a verifier has applied the log of a shard, in its own words. */
export interface FeedConfirmation {
  /** One process or one isolate: `[A-Za-z0-9_.:-]`, up to 64. */
  readonly verifier: string;
  readonly epoch: number;
  readonly seq: number;
}

/** Takes it to the issuer; throws where it did not arrive. */
export type ConfirmationSink = (shard: number, confirmation: FeedConfirmation) => Promise<void>;

export interface FeedReporterOptions {
  readonly verifier: string;
  readonly send: ConfirmationSink;
  readonly shard?: number;
  /** Sees what `send` threw: whether anybody hears of it changes no decision. */
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
  failed: optional(callable),
};

type Place = Omit<FeedConfirmation, 'verifier'>;

/**
 * Tells the issuer how far this copy of the feed is, as it moves and once a minute, so that an
 * operator who revokes is told who has it.
 */
export class FeedReporter {
  readonly #options: FeedReporterOptions;
  #told: (Place & { readonly at: number }) | undefined;

  constructor(options: FeedReporterOptions) {
    this.#options = readOptions(options, 'FeedReporter', REPORTER);
  }

  /** `now` is in milliseconds since the epoch. Never throws. */
  async tell(head: Place | undefined, now: number): Promise<void> {
    const told = this.#told;
    if (!head) return;
    const { epoch, seq } = head;
    const isTold = told?.epoch === epoch && told.seq === seq;
    if (isTold && isWithin(told.at, now, CONFIRM_AGAIN_MILLISECONDS)) return;
    const telling = { epoch, seq, at: now };
    this.#told = telling;
    const { verifier, send, shard = 0, failed } = this.#options;
    try {
      await send(shard, { verifier, epoch, seq });
    } catch (error) {
      // Unless something newer was told meanwhile, the next one says it again.
      if (this.#told === telling) this.#told = told;
      failed?.(error);
    }
  }
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
export function confirmOverHttp(options: ConfirmOptions) {
  const {
    issuer,
    credential,
    fetch: ask = fetch,
  } = readOptions(options, 'confirmOverHttp', CONFIRM);
  return async (shard: number, confirmation: FeedConfirmation): Promise<void> => {
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
    if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  };
}
