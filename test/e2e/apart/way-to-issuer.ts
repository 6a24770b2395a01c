import { WorkerEntrypoint } from 'cloudflare:workers';

/** Takes what a gateway asks of its issuer to where the issuer is. */
export default {
  fetch: (request: Request): Promise<Response> => fetch(request.url),
};

/** Records are another test's matter. */
export class DecisionSink extends WorkerEntrypoint {
  async append(batch: readonly unknown[]): Promise<{ written: number }> {
    return { written: batch.length };
  }
}
