/** The operator's side, over the issuer's admin routes: stop a workflow, and read what it did. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkedRecord } from '../../src/audit/index.ts';
import type { LocalStage } from '../local/stage.ts';

/** The gateway sends its records after its answers: what is waited for them, at most. */
const TRAIL_MS_MAX = 10_000;
const TRAIL_POLL_MS = 100;

export interface Trail {
  readonly records: readonly LinkedRecord[];
  /** Whether every record hashes to the link that the next one carries. */
  readonly whole: boolean;
}

export async function revoke(stage: LocalStage, workflow: string, reason: string): Promise<void> {
  await admin(stage, `workflows/${workflow}/revoke`, { reason });
}

/** The workflow's trail once `settled` says that all of it is there, or after a bounded wait. */
export async function readTrail(
  stage: LocalStage,
  workflow: string,
  settled: (trail: Trail) => boolean,
): Promise<Trail> {
  const until = Date.now() + TRAIL_MS_MAX;
  for (;;) {
    const trail = (await admin(stage, `audit?workflow=${workflow}`)) as Trail;
    if (settled(trail) || Date.now() > until) return trail;
    await sleep(TRAIL_POLL_MS);
  }
}

async function admin(stage: LocalStage, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${stage.issuerUrl}/admin/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${stage.operator}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status} to ${path}`);
  return response.json();
}
