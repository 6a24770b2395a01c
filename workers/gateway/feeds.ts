import type { ShardedOutbox } from '../../src/audit/index.ts';
import { readClock, readSeconds } from '../../src/clock.ts';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import {
  type ConfirmationSink,
  FeedClient,
  FeedReporter,
  ShardedFeed,
} from '../../src/feed/index.ts';
import { CONFIRM_MILLISECONDS_MAX } from '../../src/limits.ts';
import { report } from '../../src/report.ts';
import type { Feed } from '../../src/verifier/index.ts';
import { within } from '../../src/within.ts';
import type { GatewayConfig, GatewayEnv } from './config.ts';

/** The replicas of the revocation log by which this isolate decides, one per shard. */
export class Feeds {
  /** For the verifier. */
  readonly feed: Feed;
  /** Shard 0, whose head names the catalogue. */
  readonly zero: FeedClient;
  readonly #shards: readonly { readonly client: FeedClient; readonly reporter: FeedReporter }[];

  constructor(
    clients: readonly [FeedClient, ...FeedClient[]],
    reporterOf: (shard: number, client: FeedClient) => FeedReporter,
  ) {
    const [zero, ...others] = clients;
    this.zero = zero;
    const shards = others.map((client, index) => [index + 1, client] as const);
    this.feed = others.length === 0 ? zero : new ShardedFeed(zero, new Map(shards));
    this.#shards = clients.map((client, shard) => ({
      client,
      reporter: reporterOf(shard, client),
    }));
  }

  /** Whether every replica has a head of at most this age. Polls those that have not, if due. */
  async areWithin(seconds: number): Promise<boolean> {
    const isFresh = ({ head, ageSecondsMin }: FeedClient): boolean =>
      head !== undefined && Math.max(readSeconds() - head.issued_at, ageSecondsMin) <= seconds;
    const fresh = this.#shards.map(async ({ client }) => {
      if (!isFresh(client) && client.due) await client.poll();
      return isFresh(client);
    });
    return (await Promise.all(fresh)).every(Boolean);
  }

  /** After a response: polls the replicas that are due, and reports their positions. */
  async bringForward(): Promise<void> {
    await Promise.all(
      this.#shards.map(async ({ client, reporter }) => {
        // Also before the poll, which may be slow: waiting records could be lost with the isolate.
        const reported = reporter.confirm(client.head, readClock());
        if (client.due) await client.poll();
        await reported;
        await reporter.confirm(client.head, readClock());
      }),
    );
  }
}

/** Creates the replicas. `outbox` numbers the records of this isolate, under its name. */
export async function createFeeds(
  { issuer, audience, shards, feedPublicKeys, feedWitnesses, kill }: GatewayConfig,
  env: GatewayEnv,
  outbox: ShardedOutbox,
): Promise<Feeds> {
  const feedKey = await Promise.all(
    feedPublicKeys.map((key) => importPublic('FEED_PUBLIC_KEY', key)),
  );
  const killKey = kill && (await importPublic('KILL_PUBLIC_KEY', kill.publicKey));
  const clientOf = (shard: number): FeedClient =>
    new FeedClient({
      issuer,
      feedKey,
      shard,
      ...(feedWitnesses !== undefined && { witnesses: feedWitnesses }),
      fetch: (path, init) => env.ISSUER_FEED.fetch(`${issuer}${path}`, init),
      // Entries signed with an operator's own key belong to no shard: the first replica has them.
      ...(killKey &&
        shard === 0 && { kill: { key: killKey, fetch: (init) => fetch(kill.url, init) } }),
    });
  const others = Array.from({ length: shards - 1 }, (_, index) => clientOf(index + 1));
  return new Feeds([clientOf(0), ...others], (shard, client) => {
    const confirm = async (...position: Parameters<ConfirmationSink>) => {
      await env.ISSUER_RECORDS.confirm(...position);
    };
    const send: ConfirmationSink = (...position) =>
      within(confirm(...position), CONFIRM_MILLISECONDS_MAX);
    const failed = (error: unknown): void => {
      report('feed.unconfirmed', { shard, error: (error as Error).name });
    };
    const { verifier } = outbox;
    // Reported once: the numbers count the records of all shards.
    const records = shard === 0 ? { records: () => outbox.counts() } : {};
    const fault = () => client.fault;
    return new FeedReporter({ verifier, send, shard, failed, audience, fault, ...records });
  });
}

async function importPublic(
  name: 'FEED_PUBLIC_KEY' | 'KILL_PUBLIC_KEY',
  raw: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  } catch {
    throw new ConfigurationFault(name, 'is not the public half of an Ed25519 key');
  }
}
