import { CONFIRM_AGAIN_MILLISECONDS } from '../../src/limits.ts';
import type { GatewayEnv } from './config.ts';

interface Place {
  readonly epoch: number;
  readonly seq: number;
}

/** Tells the issuer how far this isolate's copy of the feed is: as it moves, and once a minute. */
export class FeedConfirmation {
  readonly #verifier: string;
  readonly #sink: GatewayEnv['ISSUER_RECORDS'];
  #told: (Place & { readonly at: number }) | undefined;

  constructor(verifier: string, sink: GatewayEnv['ISSUER_RECORDS']) {
    this.#verifier = verifier;
    this.#sink = sink;
  }

  /** Never throws: whether anybody hears of it changes nothing of what is decided here. */
  async tell(head: Place | undefined, now: number): Promise<void> {
    const told = this.#told;
    if (!head) return;
    const isTold = told?.epoch === head.epoch && told.seq === head.seq;
    if (isTold && now - told.at < CONFIRM_AGAIN_MILLISECONDS) return;
    const { epoch, seq } = head;
    this.#told = { epoch, seq, at: now };
    try {
      await this.#sink.confirm(0, { verifier: this.#verifier, epoch, seq });
    } catch (error) {
      this.#told = told;
      console.error({ event: 'feed.unconfirmed', error: (error as Error).name });
    }
  }
}
