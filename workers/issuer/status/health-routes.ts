import { isWithin, readClock, toMilliseconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { ADMIN_API, VERIFIERS_SHOWN_MAX } from '../../../src/issuer-api/index.ts';
import { VERIFIERS_SEEN_SECONDS } from '../../../src/limits.ts';
import { ok } from '../../../src/result.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import { asOf } from '../feed/as-of.ts';
import type { LogStatus } from '../feed/binding.ts';
import { silentIn } from '../feed/health.ts';
import type { LogState } from '../log/binding.ts';
import { faultsOf, readAllStates, silentWitnesses } from '../log/health.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import { drillOf } from './drill.ts';
import { ask, feedOf, providersOf, schemasOf, timeOf } from './parts.ts';
import { problemsOf } from './problems.ts';
import { describeVerifier, type ListedVerifier } from './verifiers.ts';

/** A page of the console asks every two seconds, and each probe is a request to another server. */
const PROBED_MILLISECONDS = 60_000;

export const healthRoutes = bindAdmin(ADMIN_API.health, {
  showHealth: async (_input, { env }) => {
    const config = readConfig(env);
    const now = readClock();
    const [states, feed, keys, identity, drill] = await Promise.all([
      ask(() => readAllStates(env)),
      feedOf(config, env),
      keysOf(config),
      probed(env, config, now),
      drillOf(env, config),
    ]);
    const storage = await schemasOf(env, states?.[0]?.schema, feed[0]?.state?.schema);
    const heads = feed.flatMap(({ shard, state }) => (state ? [{ shard, state }] : []));
    const seen = (await Promise.all(heads.map((one) => verifiersOf(env, one, now)))).flat();
    const verifiers = seen.sort(faultsFirst);
    const logs = states?.map((state) => describeLog(state, now)) ?? null;
    const witnesses = [
      ...(states ?? []).flatMap(witnessesOfLog),
      ...heads.flatMap(witnessesOfShard),
    ];
    return ok({
      as_of: await asOf(env),
      issuer: config.issuer,
      head: heads.map(({ shard, state }) => ({
        shard,
        epoch: state.epoch,
        seq: state.seq,
        age: state.issuedAt === 0 ? null : Math.max(0, Math.floor(now / 1000) - state.issuedAt),
        stops: state.live,
        watermarks: state.watermarks,
      })),
      verifiers: verifiers.slice(0, VERIFIERS_SHOWN_MAX),
      verifiers_seen: verifiers.length,
      verifiers_current: verifiers.filter(({ state }) => state === 'current').length,
      drill,
      logs,
      storage,
      keys: keys.map((key) => ({ ...key, ...sinceOf(key, heads[0]?.state) })),
      identity,
      witnesses,
      problems: problemsOf({ feed, verifiers, drill, logs, identity, storage, witnesses }),
    });
  },

  listKeys: async (_input, { env }) => {
    const [keys, state] = await Promise.all([
      keysOf(readConfig(env)),
      ask(() => revocationLog(env).status()),
    ]);
    const listed = keys.map((key) => ({ ...key, ...sinceOf(key, state) }));
    return ok({ as_of: await asOf(env), keys: listed });
  },
});

interface AnsweredShard {
  readonly shard: number;
  readonly state: LogStatus;
}

async function verifiersOf(
  env: IssuerEnv,
  { shard, state }: AnsweredShard,
  now: UnixMilliseconds,
): Promise<readonly ListedVerifier[]> {
  const known = (await ask(() => revocationLog(env, shard).verifiers())) ?? [];
  return known
    .filter(({ at }) => now / 1000 - at <= VERIFIERS_SEEN_SECONDS)
    .map((one) => describeVerifier(one, { shard, epoch: state.epoch, seq: state.seq }, now));
}

const STATES = ['silent', 'behind', 'current'] as const;
const faultsFirst = (a: ListedVerifier, b: ListedVerifier): number =>
  STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
  Number(a.error === undefined) - Number(b.error === undefined) ||
  (a.name < b.name ? -1 : 1);

function describeLog(state: LogState, now: UnixMilliseconds) {
  const { log, size, fill, pendingBytes, checkpoint } = state;
  return {
    log,
    size,
    fill,
    pending_bytes: pendingBytes,
    ...(checkpoint && { checkpoint: { size: checkpoint.size, at: timeOf(checkpoint.at) } }),
    faults: [...faultsOf(state, now)],
  };
}

function witnessesOfLog(state: LogState) {
  const silent = new Set(silentWitnesses(state));
  return state.witnesses.map(({ name, size, at, fault }) => ({
    of: state.log as string,
    name,
    size,
    ...(at !== undefined && { at: timeOf(at) }),
    silent: silent.has(name),
    ...(fault !== undefined && { fault }),
  }));
}

function witnessesOfShard({ shard, state: { tree } }: AnsweredShard) {
  const silent = new Set(tree ? silentIn(tree) : []);
  return (tree?.witnesses ?? []).map(({ name, size, fault }) => ({
    of: `feed-${shard}`,
    name,
    size,
    silent: silent.has(name),
    ...(fault !== undefined && { fault }),
  }));
}

/** The keys of the audit logs and of signals are in no head, so their age is unknown. */
function sinceOf(key: { readonly public_key: string }, state: LogStatus | undefined) {
  const known = state?.keys.find(({ publicKey }) => publicKey === key.public_key);
  return known ? { since: timeOf(toMilliseconds(known.since)) } : {};
}

async function keysOf({ publishedKeys, mintKeyId, feedKey, audit, signals }: IssuerConfig) {
  const mint = await Promise.all(
    publishedKeys.map(async ({ id, key }) => ({
      use: 'mint' as const,
      id,
      state: id === mintKeyId ? ('active' as const) : ('published' as const),
      public_key: await publicHex(key),
    })),
  );
  const others = [
    { use: 'feed', key: feedKey },
    { use: 'log', key: audit.logKey },
    { use: 'signal', key: signals?.key },
  ] as const;
  const single = await Promise.all(
    others.map(async ({ use, key }) =>
      key === undefined
        ? []
        : [{ use, state: 'active' as const, public_key: await publicHex(key) }],
    ),
  );
  return [...mint, ...single.flat()];
}

type Probed = Awaited<ReturnType<typeof providersOf>>;

const isolate = new WeakMap<object, { readonly at: UnixMilliseconds; readonly found: Probed }>();

/** Probes the identity providers, at most once a minute in an isolate. */
async function probed(
  env: IssuerEnv,
  config: IssuerConfig,
  now: UnixMilliseconds,
): Promise<Probed> {
  const known = isolate.get(env);
  if (known && isWithin(known.at, now, PROBED_MILLISECONDS)) return known.found;
  const found = await providersOf(config);
  isolate.set(env, { at: now, found });
  return found;
}
