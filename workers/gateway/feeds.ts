import { LOG_ORIGIN, type RecordOutbox } from '../../src/audit/index.ts';
import { readClock } from '../../src/clock.ts';
import {
  type ConfirmationSink,
  FeedClient,
  FeedReporter,
  type RecordCounts,
  ShardedFeed,
} from '../../src/feed/index.ts';
import { CONFIRM_MILLISECONDS_MAX } from '../../src/limits.ts';
import { report } from '../../src/report.ts';
import type { Feed } from '../../src/verifier/index.ts';
import { within } from '../../src/within.ts';
import type { GatewayConfig, GatewayEnv } from './config.ts';

/** The copies of the logs that this isolate decides by, and who is told how far they are. */
export class Feeds {
  /** As a verifier takes them. */
  readonly feed: Feed;
  readonly #shards: readonly { readonly client: FeedClient; readonly reporter: FeedReporter }[];

  constructor(
    clients: readonly [FeedClient, ...FeedClient[]],
    reporterOf: (shard: number) => FeedReporter,
  ) {
    const [zero, ...others] = clients;
    const shards = others.map((client, at) => [at + 1, client] as const);
    this.feed = others.length === 0 ? zero : new ShardedFeed(zero, new Map(shards));
    this.#shards = clients.map((client, shard) => ({ client, reporter: reporterOf(shard) }));
  }

  /** After the response: brings forward what is due for a poll, and says how far it is. */
  async bringForward(): Promise<void> {
    await Promise.all(
      this.#shards.map(async ({ client, reporter }) => {
        // Also before a poll, which may take its time: records that wait may be lost with it.
        const told = reporter.tell(client.head, readClock());
        if (client.due) await client.poll();
        await told;
        await reporter.tell(client.head, readClock());
      }),
    );
  }
}

/** `outbox` has the records of this isolate, and the name by which they are numbered. */
export async function createFeeds(
  { issuer, shards, feedPublicKeys, kill }: GatewayConfig,
  env: GatewayEnv,
  outbox: RecordOutbox,
): Promise<Feeds> {
  const feedKey = await Promise.all(feedPublicKeys.map(importPublic));
  const killKey = kill && (await importPublic(kill.publicKey));
  const clientOf = (shard: number): FeedClient =>
    new FeedClient({
      issuer,
      feedKey,
      shard,
      fetch: (path, init) => env.ISSUER_FEED.fetch(`${issuer}${path}`, init),
      // What an operator's own key has signed is no shard's: the first copy holds it for all.
      ...(killKey &&
        shard === 0 && { kill: { key: killKey, fetch: (init) => fetch(kill.url, init) } }),
    });
  const others = Array.from({ length: shards - 1 }, (_, at) => clientOf(at + 1));
  return new Feeds([clientOf(0), ...others], (shard) => {
    const confirm = async (...said: Parameters<ConfirmationSink>) => {
      await env.ISSUER_RECORDS.confirm(...said);
    };
    const send: ConfirmationSink = (...said) => within(confirm(...said), CONFIRM_MILLISECONDS_MAX);
    const failed = (error: unknown): void => {
      report('feed.unconfirmed', { shard, error: (error as Error).name });
    };
    const { verifier } = outbox;
    // Once is enough: the numbers are those of all shards.
    const records = shard === 0 ? { records: () => countsOf(outbox) } : {};
    return new FeedReporter({ verifier, send, shard, failed, ...records });
  });
}

const countsOf = (outbox: RecordOutbox): RecordCounts => ({
  counts: outbox.highest === 0 ? [] : [{ origin: LOG_ORIGIN, n: outbox.highest }],
  isBehind: outbox.isBehind(readClock()),
});

const importPublic = (raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
