import { setTimeout as sleep } from 'node:timers/promises';
import type { Capability } from '../../../src/agent/index.ts';
import { CONTROL_LOG, DECISION_LOGS } from '../../../src/audit/index.ts';
import { admin, call, obtain, read, send } from '../agent.ts';
import type { Stage } from '../stage.ts';
import { type Forecast, randomOf } from './forecast.ts';

/** How long tier 3 trusts an old head from a cache, and a second of rounding. */
export const TIER_3_SECONDS = 5 + 1;
const TRIES_MAX = 40;

/** The same stage for outsiders: the requests of agents and operators meet faults too. */
export function exposed(stage: Stage, { percent, milliseconds, seed }: Forecast): Stage {
  const random = randomOf(seed + 1);
  const isFault = () => random() * 100 < percent;
  const fetchThrough: typeof fetch = async (...request) => {
    if (milliseconds > 0) await sleep(milliseconds);
    if (isFault()) throw new TypeError('connection refused');
    const response = await stage.fetch(...request);
    if (!isFault()) return response;
    await response.body?.cancel();
    throw new TypeError('the answer was lost');
  };
  return { ...stage, fetch: fetchThrough };
}

/** Liveness: the attempt succeeds within a bounded number of tries. */
export async function eventually<Value>(
  what: string,
  attempt: () => Promise<Value | undefined>,
): Promise<Value> {
  let last: unknown;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`${what}: not within ${TRIES_MAX} tries`, { cause: last });
}

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

/** Calls that were wrongly allowed. */
export interface Findings {
  readonly wronglyAllowed: string[];
}

/** Begins, uses and stops one workflow after the other. Throws if a call is wrongly allowed. */
export async function liveAndStop(
  stage: Stage,
  workflows: number,
): Promise<{ stopped: Capability[]; living: Capability }> {
  const stopped: Capability[] = [];
  for (let n = 0; n < workflows; n++) {
    const capability = await eventually('mint', () => obtain(stage));
    await eventually('use', () => use(stage, capability));
    await eventually('revoke', () => revoke(stage, capability.workflow));
    const acknowledgedAt = Date.now();
    stopped.push(capability);
    if (n % 2 === 1) await evict(stage);
    for (let tries = 0; tries < 4; tries++) {
      const at = Date.now();
      const answer = await send(stage, capability.token, write()).catch(() => undefined);
      const seconds = (at - acknowledgedAt) / 1000;
      if (answer?.status === 200 && seconds > TIER_3_SECONDS) {
        throw new Error(`allowed ${seconds} s after its revocation was acknowledged`);
      }
    }
  }
  const living = await eventually('mint', () => obtain(stage));
  await eventually('use', () => use(stage, living));
  return { stopped, living };
}

const use = async (stage: Stage, { token }: Capability): Promise<true | undefined> => {
  const { status } = await send(stage, token, read(stage.documents.reports[0] ?? ''));
  return status === 200 ? true : undefined;
};

const revoke = async (stage: Stage, workflow: string): Promise<true | undefined> => {
  const response = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'weather' });
  await response.body?.cancel();
  return response.status === 200 ? true : undefined;
};

async function evict(stage: Stage): Promise<void> {
  const issuer = stage.harness.getWorker('issuer');
  const logs = [CONTROL_LOG, ...DECISION_LOGS].map((log) => ['TransparencyLog', log] as const);
  const feed = ['RevocationLog', 'FeedArchive'].map((object) => [object, 'default'] as const);
  for (const [object, name] of [...feed, ...logs]) {
    await issuer.evictDurableObject(object, { name }).catch((error: Error) => {
      if (!error.message.includes('not currently running')) throw error;
    });
  }
}
