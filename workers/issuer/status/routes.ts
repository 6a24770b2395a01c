import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { probeIssuer } from '../../../src/identity/index.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { STATUS_SHARDS_MAX } from '../../../src/limits.ts';
import { ok } from '../../../src/result.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import { within } from '../../../src/within.ts';
import { GRANTS_BYTES_MAX, TRAFFIC_BYTES_MAX } from '../audit/capacity.ts';
import type { LogStatus } from '../feed/binding.ts';
import { faultsOfTree, silentIn } from '../feed/health.ts';
import type { LogState } from '../log/binding.ts';
import { faultsOf, readAllStates, silentWitnesses } from '../log/health.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { approvals, breaker, type IssuerEnv, revocationLog, versions } from '../platform/env.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import { SCHEMAS } from '../schemas.ts';

const PART_MILLISECONDS_MAX = 3_000;
/** Each is a request to another server. */
const PROVIDERS_PROBED_MAX = 32;

export const statusRoutes = bindAdmin(ADMIN_API.status, {
  showStatus: async (_input, { env }) => {
    const config = readConfig(env);
    const [keys, audit, feed, objects, providers] = await Promise.all([
      keysOf(config),
      ask(() => fillOfLogs(env)),
      feedOf(config, env),
      Promise.all([
        ask(() => approvals(env).schemaVersion()),
        ask(() => breaker(env).schemaVersion()),
        ask(() => versions(env).schemaVersion()),
      ]),
      providersOf(config),
    ]);
    const [approval, breaking, version] = objects;
    const storage = {
      TransparencyLog: audit?.schema,
      RevocationLog: feed[0]?.state?.schema,
      Approvals: approval,
      Breaker: breaking,
      Versions: version,
    };
    return ok({
      now: timeOf(readClock()),
      issuer: config.issuer,
      audiences: config.audiences,
      shards: config.shards,
      keys,
      storage: Object.entries(storage).map(([object, found]) => describeSchema(object, found)),
      audit: audit
        ? {
            records: audit.records,
            bytes: audit.bytes,
            traffic_bytes_max: TRAFFIC_BYTES_MAX,
            grants_bytes_max: GRANTS_BYTES_MAX,
          }
        : null,
      logs: audit?.logs ?? null,
      feed: feed.map(({ shard, state }) => ({
        shard,
        state: state ? describeShard(state) : null,
      })),
      providers,
    });
  },
});

/** The records of all logs, and the bytes of those that wait for the archive. */
async function fillOfLogs(env: IssuerEnv) {
  const states = await readAllStates(env);
  const now = readClock();
  return {
    logs: states.map((state) => describeLog(state, now)),
    records: states.reduce((sum, { size }) => sum + size, 0),
    bytes: states.reduce((sum, { pendingBytes }) => sum + pendingBytes, 0),
    schema: states[0]?.schema,
  };
}

function describeLog(state: LogState, now: UnixMilliseconds) {
  const { log, fill, stopped, pendingSince } = state;
  const pending = pendingSince === undefined ? undefined : Math.max(0, now - pendingSince);
  return {
    log,
    fill,
    faults: [...faultsOf(state, now)],
    ...(stopped !== undefined && { stopped }),
    silent: [...silentWitnesses(state)],
    witnesses: state.witnesses.map(({ name, size, at, fault }) => ({
      name,
      size,
      ...(at !== undefined && { at: timeOf(at) }),
      ...(fault !== undefined && { fault }),
    })),
    ...(pending !== undefined && { pending_seconds: Math.floor(pending / 1_000) }),
  };
}

function describeShard({ epoch, seq, reach, tree }: LogStatus) {
  const state = { epoch, seq, verifiers: reach };
  if (!tree) return state;
  const { size, seenAt, stopped, witnesses } = tree;
  return {
    ...state,
    tree: {
      size,
      ...(seenAt !== undefined && { seen_at: timeOf(seenAt * 1_000) }),
      faults: [...faultsOfTree(tree)],
      ...(stopped !== undefined && { stopped }),
      silent: [...silentIn(tree)],
      witnesses: [...witnesses],
    },
  };
}

const timeOf = (at: UnixMilliseconds): string => new Date(at).toISOString();

/** Asks a part that may be unavailable, which is an answer here and not a failure. */
async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await within(question(), PART_MILLISECONDS_MAX);
  } catch {
    return undefined;
  }
}

async function keysOf({ publishedKeys, mintKeyId, feedKey }: IssuerConfig) {
  const mint = publishedKeys.map(async ({ id, key }) => ({
    id,
    active: id === mintKeyId,
    public_key: await publicHex(key),
  }));
  return { mint: await Promise.all(mint), feed: await publicHex(feedKey) };
}

const feedOf = ({ shards }: IssuerConfig, env: IssuerEnv) =>
  Promise.all(
    Array.from({ length: Math.min(shards, STATUS_SHARDS_MAX) }, async (_, shard) => ({
      shard,
      state: await ask(() => revocationLog(env, shard).status()),
    })),
  );

const providersOf = ({ identityIssuers }: IssuerConfig) =>
  Promise.all(
    identityIssuers
      .slice(0, PROVIDERS_PROBED_MAX)
      .map((entry) => probeIssuer(entry, (url, init) => fetch(url, init))),
  );

const describeSchema = (object: string, found: SchemaVersion | undefined) => ({
  object,
  stored: found?.stored ?? null,
  known: SCHEMAS.find((schema) => schema.object === object)?.steps.length ?? 0,
});
