import { CONTROL_LOG } from '../../../src/audit/index.ts';
import { readClock, toMilliseconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { CLOCK_SKEW_SECONDS_MAX, WORKFLOW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { livingPage } from '../log/control-logs.ts';
import { readRecords } from '../log/read.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import {
  type IdKey,
  type IdOrigin,
  idKeyOf,
  isWorkflowId,
  newWorkflowId,
  newWorkflowIdIn,
  originOfId,
  rootOf,
} from './id.ts';

interface Known {
  /** That of the active root key first. */
  readonly keys: readonly IdKey[];
  /** Until when agents may name ids of the former form, once it is known. */
  formerUntil?: UnixMilliseconds;
}

/** By the configuration of a deployment. */
const isolate = new WeakMap<object, Known>();

function knownTo(config: IssuerConfig): Known {
  let known = isolate.get(config);
  if (!known) {
    const { mintKey, publishedKeys } = config;
    const others = publishedKeys.map(({ key }) => key).filter((key) => key !== mintKey);
    known = { keys: [mintKey, ...others].map(idKeyOf) };
    isolate.set(config, known);
  }
  return known;
}

/** Returns a new id with a check value, in a random shard. */
export function drawWorkflowId(config: IssuerConfig): string {
  const [key] = knownTo(config).keys;
  if (!key) throw new Error('a configuration has an active root key');
  return newWorkflowId(config.shards, key);
}

/** Returns a new id in one shard, for a canary. */
export function drawCanaryId(config: IssuerConfig, shard: number): string {
  const [key] = knownTo(config).keys;
  if (!key) throw new Error('a configuration has an active root key');
  return newWorkflowIdIn(shard, key);
}

type Asker = 'operator' | 'other';

/** Asked before any object of a workflow is, because to ask an object creates it. */
export async function mayExist(env: IssuerEnv, id: string, asker: Asker): Promise<boolean> {
  if (!isWorkflowId(id)) return false;
  const known = knownTo(readConfig(env));
  return await MAY_EXIST[originOfId(id, known.keys)](env, known, asker, id);
}

/** Returns the ids that `mayExist` allows others than operators to name. */
export async function filterExisting(
  env: IssuerEnv,
  ids: readonly string[],
): Promise<readonly string[]> {
  const existing = await Promise.all(ids.map((id) => mayExist(env, id, 'other')));
  return ids.filter((_, i) => existing[i]);
}

const MAY_EXIST: Readonly<
  Record<IdOrigin, (env: IssuerEnv, known: Known, asker: Asker, id: string) => Promise<boolean>>
> = {
  drawn: async () => true,
  former: async (env, known, asker) =>
    asker === 'operator' || readClock() <= (await formerUntil(env, known)),
  other: (env, _known, _asker, id) => isLiving(env, rootOf(id)),
};

/**
 * Whether a control log has a root among the living. Its id may have been drawn under a root key
 * that is no longer listed; a key is withdrawn after an hour, and a workflow lives for eight.
 */
async function isLiving(env: IssuerEnv, root: string): Promise<boolean> {
  // Ids are listed in order, and no other begins with all characters of this one but the last.
  const { workflows } = await livingPage(env, { after: root.slice(0, -1), limit: 1 });
  return workflows[0]?.start.id === root;
}

/**
 * Returns until when a workflow with an id of the former form may live. The control log begins with
 * the upgrade, and every such workflow had begun by then.
 */
async function formerUntil(env: IssuerEnv, known: Known): Promise<UnixMilliseconds> {
  if (known.formerUntil !== undefined) return known.formerUntil;
  try {
    const [first] = await readRecords(env, CONTROL_LOG, 0, 1);
    if (!first) return Number.POSITIVE_INFINITY;
    known.formerUntil =
      first.record.at + toMilliseconds(WORKFLOW_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX);
    return known.formerUntil;
  } catch (error) {
    // An id grants nothing. Without the log, a workflow that exists must still be found.
    report('audit.unread', { why: String(error) });
    return Number.POSITIVE_INFINITY;
  }
}
