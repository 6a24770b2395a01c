/**
 * An API of your own as a Worker, with three protected routes:
 *
 *   GET    /contacts/:region         uses crm.search, reads crm/contacts/:region
 *   POST   /contacts/:region         uses crm.add, writes to it
 *   DELETE /contacts/:region/:name   uses crm.erase, which cannot be undone
 *
 * examples/wrangler.toml configures it, and test/e2e/examples.test.ts runs it in workerd.
 */

import { type Protection, protect } from 'hewn/verifier';
import { AutoRouter } from 'itty-router';

const contacts = new Map([['eu', new Set(['Ada', 'Blaise', 'Carla'])]]);
const dataset = 'crm/contacts/:region';

export const createApi = (hewn: Protection) =>
  AutoRouter()
    .get(
      '/contacts/:region',
      hewn.fetch(
        {
          tool: 'crm.search',
          action: 'read',
          tier: 1,
          dataset,
          // A query is text, and this argument is a number.
          args: ({ params: { region = '' }, query: { limit = 10 } }) => ({
            region,
            limit: Number(limit),
          }),
        },
        ({ args }) => {
          const found = [...(contacts.get(String(args.region)) ?? [])];
          return Response.json(found.slice(0, Number(args.limit)));
        },
      ),
    )
    .post(
      '/contacts/:region',
      hewn.fetch({ tool: 'crm.add', action: 'write', tier: 2, dataset }, ({ args }) => {
        contacts.get(String(args.region))?.add(String(args.name));
        return new Response(null, { status: 201 });
      }),
    )
    .delete(
      '/contacts/:region/:name',
      hewn.fetch({ tool: 'crm.erase', action: 'delete', tier: 3, dataset }, ({ args }) => {
        contacts.get(String(args.region))?.delete(String(args.name));
        return new Response(null, { status: 204 });
      }),
    );

interface Env {
  /** The issuer's URL, as its tokens spell it. */
  readonly ISSUER: string;
  /** This API's URL, as tokens name it. */
  readonly AUDIENCE: string;
  readonly FEED_PUBLIC_KEY: string;
}

// One per isolate, so that requests share the copy of the feed.
let api: ReturnType<typeof createApi> | undefined;

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    const { ISSUER: issuer, AUDIENCE: audience, FEED_PUBLIC_KEY: feedKey } = env;
    api ??= createApi(protect({ issuer, audience, feedKey }));
    return api.fetch(request, env, ctx);
  },
};
