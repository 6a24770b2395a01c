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
import { auditLog, type IssuerEnv, workflowOf } from '../platform/env.ts';
import { gatewaySecret } from '../platform/gateway-secret.ts';
import { isWorkflowId, rootOf } from '../workflow/id.ts';

/**
 * Receives decision records and budget requests from the verifiers of this account, over a service
 * binding and never over the public network. It accepts only the records that verifiers write: a
 * verifier cannot write a mint or a revocation.
 */
export class DecisionSink extends WorkerEntrypoint<IssuerEnv> implements BudgetClient {
  /**
   * Writes a batch to the log, then counts it, even if writing failed. A batch that arrives twice
   * is written and counted once. With `log_only` a call is waiting: the batch is only written, and
   * arrives again to be counted. `refused` has the ids of records that are never taken, so that the
   * verifier neither repeats them nor relies on them.
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
    const accepted = new Set(records.map(({ id }) => id));
    const refused = batch.flatMap((one) => idOf(one) ?? []).filter((id) => !accepted.has(id));
    if (how === 'log_only') {
      await auditLog(this.env).append(records);
      return { written: records.length, refused };
    }
    // A log that fails or is full must not keep the rules from stopping a workflow, so its error is
    // thrown afterwards. The verifier then repeats the batch, and each record is counted once.
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

  /** Receives how far a verifier has applied the feed, and how many records it has numbered. */
  async confirm(shard: number, confirmation: Confirmation): Promise<void> {
    // Drops members that only a verifier of a later release reports.
    const known = v.parse(v.object(confirmationSchema.entries), confirmation);
    await receiveConfirmation(this.env, shard, known);
  }

  /** Returns the sealing secret for an audience's gateway, for gateways without their own. */
  gatewaySecret(audience: string): string {
    return gatewaySecret(this.env, audience);
  }

  async charge(request: ChargeRequest): Promise<Result<null, AccountRefusal>> {
    return workflowOf(this.env, request.workflow).charge(request);
  }

  async giveBack(request: ChargeRequest): Promise<boolean> {
    return workflowOf(this.env, request.workflow).giveBack(request);
  }

  async lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    return workflowOf(this.env, request.workflow).lease(request);
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
