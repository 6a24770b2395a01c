import { WorkerEntrypoint } from 'cloudflare:workers';
import { SINK_METHODS } from '../sink-methods.ts';

interface Env {
  /** The start of the wire to the issuer. */
  readonly WIRE: string;
}

/** Runs alongside the gateway instead of the issuer, and sends every request over the wire. */
export default {
  fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(`${env.WIRE}${pathname}${search}`, request));
  },
};

export class DecisionSink extends WorkerEntrypoint<Env> {}

for (const method of SINK_METHODS) {
  Object.defineProperty(DecisionSink.prototype, method, {
    async value(this: { readonly env: Env }, ...args: unknown[]): Promise<unknown> {
      const response = await fetch(`${this.env.WIRE}/rpc/${method}`, {
        method: 'POST',
        body: JSON.stringify(args),
      });
      const answer = (await response.json()) as { value?: unknown; error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    },
  });
}
