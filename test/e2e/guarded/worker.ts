import { ok } from '../../../src/result.ts';
import { createVerifier, type Feed, guard } from '../../../src/verifier/index.ts';

declare const SCENE: {
  readonly issuer: string;
  readonly audience: string;
  readonly publicKey: string;
  readonly now: number;
};

const { issuer, audience, publicKey, now } = SCENE;
const keys = [{ id: 1, publicKey }];
const feed: Feed = {
  head: { epoch: 1, seq: 1, issued_at: now / 1000, keys },
  find: () => undefined,
  refresh: async () => ({ ok: true }),
};

/** What a router that slices the URL would serve, compared with what the parsed path decides. */
const handler = guard({
  verifier: createVerifier({ issuer, audience, keys, feed, now: () => now }),
  describe: async (request) => {
    if (request.method === 'POST') await request.text();
    const [, region = ''] = /^\/contacts\/([a-z]+)$/.exec(new URL(request.url).pathname) ?? [];
    return ok({
      tool: 'crm.search',
      action: 'read',
      dataset: `crm/contacts/${region}`,
      tier: 1,
    });
  },
  handle: async (request) => {
    const sliced = request.url.slice(request.url.indexOf('/', 8));
    return Response.json({ served: sliced, body: request.body && (await request.text()) });
  },
});

export default { fetch: (request: Request): Promise<Response> => handler(request) };
