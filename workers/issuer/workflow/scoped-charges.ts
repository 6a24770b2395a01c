import { readSeconds } from '../../../src/clock.ts';
import type { HistoryRule } from '../../../src/history/index.ts';
import type { AccountRefusal, Charged, ChargeRequest } from '../../../src/lifecycle/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { BudgetAccounts } from './budget-accounts.ts';
import type { WorkflowRows } from './rows.ts';
import { refundInScopes, reserveInScopes } from './scopes.ts';
import type { TreeRow } from './tree-row.ts';

interface ScopedChargesParts {
  readonly ctx: DurableObjectState;
  readonly env: () => IssuerEnv;
  readonly tree: TreeRow;
  readonly rows: WorkflowRows;
  readonly accounts: BudgetAccounts;
}

/**
 * The part of a charge that other scopes take, after the tree has. Whatever ends in between, no
 * call is made that one of them did not take.
 */
export class ScopedCharges {
  readonly #parts: ScopedChargesParts;

  constructor(parts: ScopedChargesParts) {
    this.#parts = parts;
  }

  /** Lets the scopes take a charge that the tree has taken. If one refuses, all give it back. */
  async take(
    request: ChargeRequest,
    rules: readonly HistoryRule[],
    charged: Charged | null,
  ): Promise<Result<Charged | null, AccountRefusal>> {
    const { ctx, env, rows, tree, accounts } = this.#parts;
    const { workflow, nonce } = request;
    const scopes = accounts.pendingScopes(nonce) ?? [];
    const parties = rows.find(workflow)?.start;
    if (scopes.length === 0 || !parties) return ok(charged);
    const reserved = await reserveInScopes(env(), parties, request, { scopes, rules });
    return tree.transact(() => {
      const now = readSeconds();
      if (!reserved.ok) {
        accounts.refused(request, reserved.error, now);
        return reserved;
      }
      // It was given back while the scopes were asked.
      if (!accounts.pendingScopes(nonce)) {
        ctx.waitUntil(refundInScopes(env(), parties, nonce, scopes));
        return refuse({ code: 'charge_returned' });
      }
      accounts.taken(nonce, now);
      return ok(charged);
    });
  }

  /** Gives a charge back, to the tree and to every scope. */
  async giveBack(request: ChargeRequest): Promise<boolean> {
    const { env, rows, tree, accounts } = this.#parts;
    const { workflow, nonce } = request;
    const isReturned = tree.transact(() => accounts.giveBack(request, readSeconds()));
    const scopes = accounts.scopesOf(nonce);
    const parties = rows.find(workflow)?.start;
    if (isReturned && parties) await refundInScopes(env(), parties, nonce, scopes);
    return isReturned;
  }
}
