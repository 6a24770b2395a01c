import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok } from '../../../src/result.ts';
import { GRANTS_BYTES_MAX, TRAFFIC_BYTES_MAX } from '../audit/capacity.ts';
import type { LogStatus } from '../feed/binding.ts';
import { faultsOfTree, silentIn } from '../feed/health.ts';
import type { LogState } from '../log/binding.ts';
import { faultsOf, readAllStates, silentWitnesses } from '../log/health.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { ask, feedOf, keysOf, providersOf, schemasOf, timeOf } from './parts.ts';

export const statusRoutes = bindAdmin(ADMIN_API.status, {
  showStatus: async (_input, { env }) => {
    const config = readConfig(env);
    const [keys, audit, feed, providers] = await Promise.all([
      keysOf(config),
      ask(() => fillOfLogs(env)),
      feedOf(config, env),
      providersOf(config),
    ]);
    const storage = await schemasOf(env, audit?.schema, feed[0]?.state?.schema);
    return ok({
      now: timeOf(readClock()),
      issuer: config.issuer,
      audiences: config.audiences,
      shards: config.shards,
      keys,
      storage,
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
