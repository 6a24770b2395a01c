import { isWithin, readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { BoundedCounter } from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import type { RemoteVerifier } from '../platform/verifier-credential.ts';
import type { WorkflowParties } from '../workflow/binding.ts';
import { isWorkflowId, rootOf } from '../workflow/id.ts';
import { filterExisting } from '../workflow/may-exist.ts';

export type Parties = Omit<WorkflowParties, 'workflow'>;

/** Workflows whose parties an isolate remembers: about 4 MB. */
const PARTIES_KNOWN_MAX = 10_000;

/**
 * Workflows that a credential may ask for in vain. A verifier names those of tokens that it has
 * verified, so nearly all of them exist.
 */
const UNKNOWN_PER_MINUTE_MAX = 100;
const PAUSE_MILLISECONDS = 60_000;

interface Known {
  /** They never change while a workflow exists. */
  readonly parties: Map<string, Parties>;
  readonly unknown: BoundedCounter;
  /** Since when a credential has asked for too many, by its name. */
  readonly pausedAt: Map<string, UnixMilliseconds>;
}

/** By the configuration of a deployment. */
const isolate = new WeakMap<object, Known>();

function knownTo(env: IssuerEnv): Known {
  const config = readConfig(env);
  const known = isolate.get(config) ?? {
    parties: new Map(),
    unknown: new BoundedCounter({ perMinute: UNKNOWN_PER_MINUTE_MAX }),
    pausedAt: new Map(),
  };
  isolate.set(config, known);
  return known;
}

/**
 * Returns for whom workflows began. Leaves out those that never began. To ask a workflow's
 * object creates it, so this asks only about ids that this issuer may have drawn. After too many
 * that never began, only known ones are answered for a minute.
 */
export async function readParties(
  env: IssuerEnv,
  workflows: readonly string[],
  { name }: RemoteVerifier,
): Promise<ReadonlyMap<string, Parties>> {
  const { parties, unknown, pausedAt } = knownTo(env);
  const now = readClock();
  const found = new Map(
    workflows.flatMap((id) => {
      const known = parties.get(id);
      return known ? [[id, known]] : [];
    }),
  );
  const missing = [...new Set(workflows)].filter((id) => isWorkflowId(id) && !found.has(id));
  if (isWithin(pausedAt.get(name) ?? -PAUSE_MILLISECONDS, now, PAUSE_MILLISECONDS)) return found;
  const asked = await filterExisting(env, missing);
  const answers = await Promise.all(
    [...Map.groupBy(asked, rootOf)].map(
      async ([root, ids]) => await workflowOf(env, root).parties(ids),
    ),
  );
  if (parties.size + missing.length > PARTIES_KNOWN_MAX) parties.clear();
  for (const { workflow, ...one } of answers.flat()) {
    found.set(workflow, one);
    parties.set(workflow, one);
  }
  const inVain = missing.filter((id) => !found.has(id)).length;
  if (inVain > 0 && !unknown.take(name, now, inVain).ok) {
    report('rate.limited', { code: 'workflows', verifier: name });
    pausedAt.set(name, now);
  }
  return found;
}
