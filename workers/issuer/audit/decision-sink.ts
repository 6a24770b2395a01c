import { WorkerEntrypoint } from 'cloudflare:workers';
import * as v from 'valibot';
import { DECISION_LOGS, type LogName } from '../../../src/audit/index.ts';
import type { LabelClient, LabelRefusal, LabelRequest } from '../../../src/labels/index.ts';
import type {
  AccountRefusal,
  BudgetClient,
  CallEnd,
  Charged,
  ChargeRequest,
  LeaseGrant,
  LeaseRequest,
} from '../../../src/lifecycle/index.ts';
import type { KeptAttachments, KeptReceipt, ReceiptClient } from '../../../src/receipts/index.ts';
import type { Result } from '../../../src/result.ts';
import type { Confirmation } from '../feed/confirmations.ts';
import { confirmationSchema, receiveConfirmation } from '../feed/receive-confirmation.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import { gatewaySecret } from '../platform/gateway-secret.ts';
import { historyOf } from '../version/in-force.ts';
import { receiveRecords } from './receive-records.ts';

/**
 * Receives decision records and budget requests from the verifiers of this account, over a service
 * binding and never over the public network. It accepts only the records that verifiers write: a
 * verifier cannot write a mint or a revocation.
 */
export class DecisionSink
  extends WorkerEntrypoint<IssuerEnv>
  implements BudgetClient, LabelClient, ReceiptClient
{
  /**
   * Writes and counts a batch: see `receiveRecords`. `refused` has the ids of records that are
   * never taken, so that the verifier neither repeats them nor relies on them. `log` is the
   * decision log that they are numbered for; a gateway of 0.3.0 names none, and one of another
   * epoch names a log that is not open.
   */
  async append(
    batch: readonly unknown[],
    how?: 'log_only',
    log?: LogName,
  ): Promise<{ written: number; refused: readonly string[]; fill?: number }> {
    const open = log !== undefined && DECISION_LOGS.includes(log) ? log : undefined;
    const received = await receiveRecords(this.env, batch, { how, log: open });
    // Only the holder of a credential is bounded by the rate and the size of what it sends.
    if (!received.ok) throw new Error(received.error.code);
    const { written, refused, fill } = received.value;
    return {
      written,
      refused: refused.flatMap(({ id }) => id ?? []),
      ...(fill !== undefined && { fill }),
    };
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

  /** A gateway judges by a catalogue, and says whether it has rules over history for the tool. */
  async charge(request: ChargeRequest): Promise<Result<Charged | null, AccountRefusal>> {
    const { workflow, tool, history } = request;
    const rules = history ? await historyOf(this.env, tool) : [];
    return workflowOf(this.env, workflow).charge(request, rules);
  }

  async end(request: ChargeRequest, end: CallEnd): Promise<void> {
    await workflowOf(this.env, request.workflow).end(request, end);
  }

  async giveBack(request: ChargeRequest): Promise<boolean> {
    return workflowOf(this.env, request.workflow).giveBack(request);
  }

  async lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    return workflowOf(this.env, request.workflow).lease(request);
  }

  /** Stores labels of a workflow's family, before a gateway serves an answer with them. */
  async raise(request: LabelRequest): Promise<Result<readonly string[], LabelRefusal>> {
    return workflowOf(this.env, request.workflow).raise(request);
  }

  /** Keeps receipts of what a workflow has read, and returns what its object keeps. */
  async attachments(workflow: string, added: readonly KeptReceipt[]): Promise<KeptAttachments> {
    return workflowOf(this.env, workflow).attachments(workflow, added);
  }

  async settle(workflow: string, lease: string, spent: number): Promise<void> {
    await workflowOf(this.env, workflow).settle(lease, spent);
  }
}
