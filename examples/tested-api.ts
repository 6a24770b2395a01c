/** An API with one route, which takes its verifier as an argument: the tests hand it another. */

import { guard, type Verifier, type VerifyRequest } from 'hewn/verifier';

export const createApi = (verifier: Verifier) =>
  guard<[]>({
    verifier,
    describe: async ({ url, method }) => {
      const path = new URL(url).pathname;
      const [, region] = /^\/contacts\/([a-z]{2})$/.exec(path) ?? [];
      if (method !== 'GET' || region === undefined) {
        return { ok: false, error: new Response('not found', { status: 404 }) };
      }
      const dataset = `crm/contacts/${region}`;
      const value: VerifyRequest = { tool: 'crm.search', action: 'read', dataset, tier: 1 };
      return { ok: true, value: { ...value, args: {}, method, path } };
    },
    handle: async () => Response.json(['Ada', 'Blaise']),
  });
