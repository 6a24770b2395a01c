/**
 * The operator's side, through the issuer's admin routes: stop a workflow, and read what it did.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExportedRecord } from '../../src/audit/export/index.ts';
import type { Scene } from './scene.ts';

/** The gateway sends records after its answers. This is the longest wait for them. */
const TRAIL_MS_MAX = 10_000;
const TRAIL_POLL_MS = 100;

export interface Trail {
  readonly records: readonly ExportedRecord[];
  /** Whether all records there are were searched. */
  readonly end: boolean;
}

export async function revoke(stage: Scene, workflow: string, reason: string): Promise<void> {
  await admin(stage, `workflows/${workflow}/revoke`, { reason });
}

/**
 * Returns the workflow's trail once `settled` accepts it, or what there is after a bounded wait.
 */
export async function readTrail(
  stage: Scene,
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

async function admin(stage: Scene, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${stage.issuerUrl}/admin/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${stage.operator}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the issuer returned HTTP ${response.status} for ${path}`);
  return response.json();
}
