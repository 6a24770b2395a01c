/**
 * Verifiers in their own process, each with its own copy of the feed and its own socket to the log.
 * For a workflow that it is asked to watch, the process reports when each verifier denied it.
 */
import { fromHex } from '../../src/encoding.ts';
import { FeedClient, FeedSubscription } from '../../src/feed/index.ts';
import { questionOf } from './content.ts';

export interface SubscribersSetup {
  readonly issuer: string;
  readonly feedPublicKey: string;
  readonly count: number;
}
export type SubscribersOrder = SubscribersSetup | { readonly watch: string };
export type SubscribersAnswer =
  | { readonly ready: true }
  | { readonly watching: string }
  /** By the monotonic clock of the machine, in milliseconds, one for each verifier. */
  | { readonly deniedAt: readonly number[] };

/** A clock that all processes of this machine share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const send = (answer: SubscribersAnswer) => process.send?.(answer);

let watched = '';
let deniedAt: (number | undefined)[] = [];

class Watched extends FeedClient {
  at = 0;

  override async accept(message: Uint8Array<ArrayBuffer>) {
    const accepted = await super.accept(message);
    this.#look();
    return accepted;
  }

  override async refresh() {
    const refreshed = await super.refresh();
    this.#look();
    return refreshed;
  }

  #look(): void {
    if (watched === '' || deniedAt[this.at] !== undefined) return;
    if (!this.find(questionOf(watched))) return;
    deniedAt[this.at] = now();
    const all = deniedAt.filter((time) => time !== undefined);
    if (all.length === deniedAt.length) send({ deniedAt: all });
  }
}

async function subscribe({ issuer, feedPublicKey, count }: SubscribersSetup): Promise<void> {
  const raw = fromHex(feedPublicKey) ?? new Uint8Array();
  const feedKey = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  deniedAt = Array.from({ length: count }, () => undefined);
  const subscriptions = deniedAt.map((_, at) => {
    const client = new Watched({
      issuer,
      feedKey,
      fetch: (path, init) => fetch(`${issuer}${path}`, init),
    });
    client.at = at;
    const url = `${issuer.replace('http', 'ws')}/feed/v2/0/subscribe`;
    return new FeedSubscription({ url, client, WebSocket });
  });
  const waiting = setInterval(() => {
    if (!subscriptions.every(({ isLive }) => isLive)) return;
    clearInterval(waiting);
    send({ ready: true });
  }, 50);
}

process.on('message', (order: SubscribersOrder) => {
  if ('count' in order) {
    void subscribe(order);
    return;
  }
  watched = order.watch;
  deniedAt = deniedAt.map(() => undefined);
  send({ watching: watched });
});
process.once('disconnect', () => process.exit());
