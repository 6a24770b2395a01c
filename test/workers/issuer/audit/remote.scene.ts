import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { createHash } from 'node:crypto';
import issuer from '../../../../deployment/issuer.ts';
import type { DecisionRecord } from '../../../../src/audit/index.ts';
import type { Budgets } from '../../../../src/capability/index.ts';
import { type IssuerEnv, workflowOf } from '../../../../workers/issuer/platform/env.ts';
import { env, start } from '../life.scene.ts';
import { fillLogs } from '../logs.scene.ts';
import { readMerged } from '../merged.ts';

/** Two audiences, a credential for each, and what their holders send. */

export const API = 'https://api.example';
export const OTHER = 'https://other.example';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The name under which the records of a credential are written. */
export const nameOf = (credential: string, own = 'a') =>
  `${sha256(credential).slice(0, 16)}:${own}`;

export const issuerWith = (rates: object = {}): IssuerEnv => ({
  ...env,
  VERIFIER_CREDENTIALS: JSON.stringify([
    { audience: API, sha256: sha256('api') },
    { audience: OTHER, sha256: sha256('other') },
  ]),
  RATE_LIMITS: JSON.stringify(rates),
  SOURCE_HEADER: 'cf-connecting-ip',
});
const standard = issuerWith();

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends a body to a route of verifiers, or text as it is. */
export async function send(
  route: string,
  body: unknown,
  credential = 'api',
  of: IssuerEnv = standard,
): Promise<Answer> {
  const ctx = createExecutionContext();
  const request = new Request(`https://issuer.example${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const response = await issuer.fetch(request, of, ctx);
  const text = await response.text();
  await waitOnExecutionContext(ctx);
  const { status, headers } = response;
  return { status, headers, body: text === '' ? undefined : JSON.parse(text) };
}

export const sendRecords = (
  records: readonly unknown[],
  credential = 'api',
  of: IssuerEnv = standard,
  only?: 'log',
) =>
  send(
    '/verifier/v1/records',
    { origin: 'default', records, ...(only && { only }) },
    credential,
    of,
  );

let workflows = 0;
/** Begins a workflow of an audience and returns its id. */
export async function beginFor(audience: string, budgets: Budgets = {}): Promise<string> {
  workflows += 1;
  const id = `wf_${String(workflows).padStart(22, '0')}`;
  await workflowOf(env, id).begin(start(id, { audience, budgets }));
  return id;
}

/** A decision of the verifier `a`. */
export const decision = (
  workflow: string,
  n: number,
  change: Partial<DecisionRecord> = {},
): DecisionRecord => {
  const verifier = change.verifier ?? 'a';
  const parties = { agent: 'agent', subject: 'user', owner: 'team', task: 'task' };
  const call = { blocks: [], tool: 'crm.search', tier: 1 as const, allowed: true };
  const whole = { workflow, ...parties, ...call, at: Date.now(), n, verifier, ...change };
  return { event: 'decision', id: `${verifier}.${n}`, ...whole };
};
export const denied = (workflow: string, n: number, change: Partial<DecisionRecord> = {}) =>
  decision(workflow, n, { allowed: false, code: 'caveat_failed', ...change });

export const written = async () =>
  (await readMerged(env, { after: 0 })).map(({ record }) => record);
export const writtenIds = async () => (await written()).map(({ id }) => id);
export const stateOf = async (workflow: string) =>
  (await workflowOf(env, workflow).view(workflow))?.state;
export const callsLeft = async (workflow: string) => {
  const [meter] = (await workflowOf(env, workflow).view(workflow))?.meters ?? [];
  return meter && meter.limit - meter.used - meter.carved - meter.leased;
};

export const fill = (bytes: number) => fillLogs(env, bytes);
