import type { UnixMilliseconds } from '../../../src/clock.ts';
import { probeIssuer } from '../../../src/identity/index.ts';
import { STATUS_SHARDS_MAX } from '../../../src/limits.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import { within } from '../../../src/within.ts';
import type { IssuerConfig } from '../platform/config.ts';
import {
  approvals,
  breaker,
  type IssuerEnv,
  revocationLog,
  versions,
  watchdog,
} from '../platform/env.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import { SCHEMAS } from '../schemas.ts';

const PART_MILLISECONDS_MAX = 3_000;
/** Each is a request to another server. */
const PROVIDERS_PROBED_MAX = 32;

export const timeOf = (at: UnixMilliseconds): string => new Date(at).toISOString();

/** Asks a part that may be unavailable, which is an answer here and not a failure. */
export async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await within(question(), PART_MILLISECONDS_MAX);
  } catch {
    return undefined;
  }
}

export async function keysOf({ publishedKeys, mintKeyId, feedKey }: IssuerConfig) {
  const mint = publishedKeys.map(async ({ id, key }) => ({
    id,
    active: id === mintKeyId,
    public_key: await publicHex(key),
  }));
  return { mint: await Promise.all(mint), feed: await publicHex(feedKey) };
}

export const feedOf = ({ shards }: IssuerConfig, env: IssuerEnv) =>
  Promise.all(
    Array.from({ length: Math.min(shards, STATUS_SHARDS_MAX) }, async (_, shard) => ({
      shard,
      state: await ask(() => revocationLog(env, shard).status()),
    })),
  );

export const providersOf = ({ identityIssuers }: IssuerConfig) =>
  Promise.all(
    identityIssuers
      .slice(0, PROVIDERS_PROBED_MAX)
      .map((entry) => probeIssuer(entry, (url, init) => fetch(url, init))),
  );

/** Returns the versions of the storage of the objects that answered. */
export async function schemasOf(
  env: IssuerEnv,
  log: SchemaVersion | undefined,
  feed: SchemaVersion | undefined,
) {
  const [approval, breaking, version, watching] = await Promise.all([
    ask(() => approvals(env).schemaVersion()),
    ask(() => breaker(env).schemaVersion()),
    ask(() => versions(env).schemaVersion()),
    ask(() => watchdog(env).schemaVersion()),
  ]);
  const storage = {
    TransparencyLog: log,
    RevocationLog: feed,
    Approvals: approval,
    Breaker: breaking,
    Versions: version,
    Watchdog: watching,
  };
  return Object.entries(storage).map(([object, found]) => describeSchema(object, found));
}

const describeSchema = (object: string, found: SchemaVersion | undefined) => ({
  object,
  stored: found?.stored ?? null,
  known: SCHEMAS.find((schema) => schema.object === object)?.steps.length ?? 0,
});
