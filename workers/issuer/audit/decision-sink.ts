import { WorkerEntrypoint } from 'cloudflare:workers';
import * as v from 'valibot';
import {
  type DecisionRecord,
  readVerifierRecord,
  type VerifierRecord,
} from '../../../src/audit/index.ts';
import type {
  AccountRefusal,
  BudgetClient,
  ChargeRequest,
  LeaseGrant,
  LeaseRequest,
} from '../../../src/lifecycle/index.ts';
import { RECORD_BYTES_MAX, RECORDS_PER_BATCH_MAX } from '../../../src/limits.ts';
import type { Result } from '../../../src/result.ts';
import type { Confirmation } from '../feed/confirmations.ts';
import { confirmationSchema, receiveConfirmation } from '../feed/receive-confirmation.ts';
import { auditLog, type IssuerEnv, workflowOf } from '../platform/config.ts';
import { gatewaySecret } from '../platform/gateway-secret.ts';
import { isWorkflowId, rootOf } from '../workflow/id.ts';

/**
 * Where verifiers of this account leave their decision records and take of budgets, over a service
 * binding and never the public network. It takes decisions and what became of them alone: a
 * verifier cannot write a mint or a revocation.
 */
export class DecisionSink extends WorkerEntrypoint<IssuerEnv> implements BudgetClient {
  /**
   * Written first, then counted, also where it could not be written; a batch that comes twice is
   * written and counted once. With `log_only` it is written alone, for a call that waits, and comes
   * once more to be counted.
   * `refused` has the ids of what is never taken, so that nobody sends it again or relies on it.
   */
  async append(
    batch: readonly unknown[],
    how?: 'log_only',
  ): Promise<{ written: number; refused: readonly string[] }> {
    const records = batch
      .slice(0, RECORDS_PER_BATCH_MAX)
      .filter((record) => JSON.stringify(record).length <= RECORD_BYTES_MAX)
      .map(readVerifierRecord)
      .filter((record): record is VerifierRecord => record !== undefined);
    if (records.length < batch.length) {
      console.error({ event: 'records.refused', count: batch.length - records.length });
    }
    const taken = new Set(records.map(({ id }) => id));
    const refused = batch.flatMap((one) => idOf(one) ?? []).filter((id) => !taken.has(id));
    if (how === 'log_only') {
      await auditLog(this.env).append(records);
      return { written: records.length, refused };
    }
    // A log that fails or is full keeps no rule from stopping what deviates. It is thrown after
    // that: what was not written is sent again, and each record is counted once.
    const failed = await auditLog(this.env)
      .append(records)
      .then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
    const byRoot = Map.groupBy(records.filter(isOfWorkflow), ({ workflow }) => rootOf(workflow));
    await Promise.all([...byRoot].map(([root, own]) => workflowOf(this.env, root).observe(own)));
    if (failed) throw failed.error;
    return { written: records.length, refused };
  }

  /** How far a verifier has applied the feed, and how many records it has numbered. */
  async confirm(shard: number, confirmation: Confirmation): Promise<void> {
    // A verifier of a later release may say more of itself.
    const known = v.parse(v.object(confirmationSchema.entries), confirmation);
    await receiveConfirmation(this.env, shard, known);
  }

  /** With which the gateway of an audience seals what it hands out, where it has no secret. */
  gatewaySecret(audience: string): string {
    return gatewaySecret(this.env, audience);
  }

  async charge(order: ChargeRequest): Promise<Result<null, AccountRefusal>> {
    return workflowOf(this.env, order.workflow).charge(order);
  }

  async giveBack(order: ChargeRequest): Promise<boolean> {
    return workflowOf(this.env, order.workflow).giveBack(order);
  }

  async lease(order: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    return workflowOf(this.env, order.workflow).lease(order);
  }

  async settle(workflow: string, lease: string, spent: number): Promise<void> {
    await workflowOf(this.env, workflow).settle(lease, spent);
  }
}

const idOf = (record: unknown): string | undefined => {
  const { id } = Object(record) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
};

const isOfWorkflow = (record: VerifierRecord): record is DecisionRecord & { workflow: string } =>
  record.event === 'decision' && record.workflow !== undefined && isWorkflowId(record.workflow);
