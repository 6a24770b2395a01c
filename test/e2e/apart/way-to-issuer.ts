import { WorkerEntrypoint } from 'cloudflare:workers';

/** Forwards a gateway's requests to its issuer, wherever that runs. */
export default {
  fetch: (request: Request): Promise<Response> => fetch(request.url),
};

/** Other tests cover records. */
export class DecisionSink extends WorkerEntrypoint {
  async append(batch: readonly unknown[]): Promise<{ written: number }> {
    return { written: batch.length };
  }
}
