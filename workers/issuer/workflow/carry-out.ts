import { isTerminal } from '../../../src/workflow/index.ts';
import { auditLog, breaker, type IssuerEnv, revocationLog } from '../platform/config.ts';
import type { UntoldChanges } from '../signals/outbox.ts';
import { shardOfWorkflow } from './id.ts';
import type { Intents } from './intents.ts';

/**
 * Writes what was decided: the audit log first, then the feed, then the state. Every step may be
 * done twice, because a record's id and a feed order are there once; it throws where a log does not
 * answer, and the alarm comes back to it.
 */
export async function carryOut(
  ctx: DurableObjectState,
  env: IssuerEnv,
  intents: Intents,
  untold: UntoldChanges,
): Promise<void> {
  const open = intents.open();
  if (open.length === 0) return;
  await auditLog(env).append(open.map(({ record }) => record));
  const log = revocationLog(env, shardOfWorkflow(ctx.id.name ?? ''));
  for (const intent of open) {
    const said = intent.word && (await log.append(intent.word));
    ctx.storage.transactionSync(() => {
      intents.finish(intent, said);
      untold.addStep(intent);
    });
    const { becomes } = intent;
    if (becomes && isTerminal(becomes.state)) {
      ctx.waitUntil(breaker(env).ended(becomes.workflow));
    }
  }
  ctx.waitUntil(untold.tell());
}
