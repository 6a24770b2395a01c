/**
 * A planner that hands a step of its work to a worker in another process. The worker has a key of
 * its own, and gets a part of the planner's capability, bound to that key. Neither asks the issuer:
 * the planner signs the part with its key, and the API checks every signature.
 *
 *   export HEWN_ISSUER=… HEWN_AUDIENCE=… HEWN_SUBJECT_TOKEN=… HEWN_ACTOR_TOKEN=…
 *   npx node examples/hand-off-planner.ts
 *
 * hand-off.test.ts runs both processes before an API of its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Connection, connect, environmentIdentity } from 'hewn/agent';

/** What the worker is sent. */
export interface Order {
  readonly token: string;
  readonly paths: readonly string[];
}

/** What the worker answers. */
export type Found =
  | { readonly answers: readonly { readonly status: number; readonly text: string }[] }
  | { readonly refused: string };

/** A step of the plan, and no more of the capability than it needs. */
export interface Step {
  readonly issuer: string;
  readonly tools: string;
  readonly datasets: string;
  readonly paths: readonly string[];
}

const STEP_MILLISECONDS_MAX = 60_000;

/** Lets a worker in a process of its own do a step. */
export async function handToWorker(
  { audience, delegate }: Pick<Connection, 'audience' | 'delegate'>,
  { issuer, tools, datasets, paths }: Step,
): Promise<Found> {
  // Its environment has no token of the user or of this agent.
  const env = { HEWN_ISSUER: issuer, HEWN_AUDIENCE: audience };
  const signal = AbortSignal.timeout(STEP_MILLISECONDS_MAX);
  const worker = fork(join(import.meta.dirname, 'hand-off-worker.ts'), { env, signal });
  try {
    const [{ thumbprint }] = (await once(worker, 'message', { signal })) as [
      { readonly thumbprint: string },
    ];
    const handed = await delegate({
      to: thumbprint,
      name: 'worker',
      tools,
      datasets,
      expires: new Date(Date.now() + STEP_MILLISECONDS_MAX),
    });
    if (!handed.ok) throw new Error(`nothing was handed on: ${handed.error.code}`);
    const order: Order = { token: handed.value.token, paths };
    worker.send(order);
    const [found] = (await once(worker, 'message', { signal })) as [Found];
    return found;
  } finally {
    worker.kill();
  }
}

if (import.meta.main) {
  const { HEWN_ISSUER: issuer = '', HEWN_AUDIENCE: audience = '' } = process.env;
  await using connection = await connect({
    issuer,
    audience,
    identity: environmentIdentity('HEWN_ACTOR_TOKEN'),
    user: environmentIdentity('HEWN_SUBJECT_TOKEN'),
    task: 'plan a campaign',
    grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
  });
  const datasets = 'crm/contacts/eu';
  const step = { issuer, tools: 'crm.search', datasets, paths: ['/contacts/eu'] };
  console.log(await handToWorker(connection, step));
}
