/**
 * Stands for the issuer beside the gateway under measurement, and forwards everything to the one
 * that runs in another process, as the two are on different machines in production. So the CPU time
 * of the gateway's process is the gateway's own.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import {
  budgetsOverHttp,
  type LogName,
  type OverHttpOptions,
  recordsOverHttp,
} from '../../src/audit/index.ts';

type Records = ReturnType<typeof recordsOverHttp>;
type Budgets = ReturnType<typeof budgetsOverHttp>;

export default {
  fetch: (request: Request): Promise<Response> => fetch(request),
};

interface Env {
  readonly ISSUER: string;
  readonly CREDENTIAL: string;
}

export class DecisionSink extends WorkerEntrypoint<Env> {
  get #issuer(): OverHttpOptions {
    return { issuer: this.env.ISSUER, credential: this.env.CREDENTIAL };
  }

  async append(batch: Parameters<Records>[0], how?: 'log_only', log?: LogName) {
    const { refused, fill } = await recordsOverHttp(this.#issuer, log)(batch, how);
    return { written: batch.length - refused.length, refused, ...(fill !== undefined && { fill }) };
  }

  /** Only tells operators how far the gateway is. */
  confirm(): void {}

  gatewaySecret(): string {
    return '05'.repeat(32);
  }

  charge(order: Parameters<Budgets['charge']>[0]) {
    return budgetsOverHttp(this.#issuer).charge(order);
  }

  giveBack(order: Parameters<Budgets['giveBack']>[0]) {
    return budgetsOverHttp(this.#issuer).giveBack(order);
  }

  lease(order: Parameters<Budgets['lease']>[0]) {
    return budgetsOverHttp(this.#issuer).lease(order);
  }

  settle(...account: Parameters<Budgets['settle']>) {
    return budgetsOverHttp(this.#issuer).settle(...account);
  }
}
