/**
 * An API of your own as a Worker, with a verifier in front of its one route.
 *
 *   GET /contacts/<region>?limit=<n>    uses crm.search, reads crm/contacts/<region>
 *
 * examples/wrangler.toml configures it, and test/e2e/examples.test.ts runs it in workerd.
 */

import { FeedClient } from 'hewn/feed';
import { createVerifier, type GuardOptions, guard, type VerifyRequest } from 'hewn/verifier';

interface Env {
  /** The issuer's URL, as its tokens spell it. */
  readonly ISSUER: string;
  /** This API's URL, as tokens name it. */
  readonly AUDIENCE: string;
  /** 64 hex digits from the issuer's JWKS. The keys that sign tokens come with the feed. */
  readonly FEED_PUBLIC_KEY: string;
}

const CONTACTS: Readonly<Record<string, readonly string[]>> = {
  eu: ['Ada', 'Blaise', 'Carla'],
  us: ['Grace', 'Howard'],
};

//  agent                               this Worker                                  issuer
//    |                                      |                                          |
//    +-- GET /contacts/eu, token ---------->|                                          |
async function createApi({ ISSUER, AUDIENCE, FEED_PUBLIC_KEY }: Env) {
  const feedKey = await readFeedKey(FEED_PUBLIC_KEY);
  //    |                                    +-- the feed, if the copy is too old ----->|
  const feed = new FeedClient({
    issuer: ISSUER,
    feedKey,
    fetch: (path, init) => fetch(ISSUER + path, init),
  });
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: 'feed', feed });
  return guard<[ctx: ExecutionContext]>({
    verifier,
    describe: describeSearch,
    handle: search,
    //  |                                    |   after the response: poll               |
    decided: (_decision, _request, ctx) =>
      ctx.waitUntil(feed.due ? feed.poll() : Promise.resolve()),
  });
}

type Describe = GuardOptions<readonly unknown[]>['describe'];

/** Describes the call that a request makes. The route sets the tier. */
const describeSearch: Describe = async (request) => {
  const { pathname: path, searchParams } = new URL(request.url);
  const [, region] = /^\/contacts\/([a-z]{2})$/.exec(path) ?? [];
  if (request.method !== 'GET' || region === undefined) {
    return { ok: false, error: new Response('not found', { status: 404 }) };
  }
  // List every argument that the route reads. A check cannot limit one that is missing here.
  const limit = Number(searchParams.get('limit') ?? 10);
  const value: VerifyRequest = {
    tool: 'crm.search',
    action: 'read',
    dataset: [`crm/contacts/${region}`],
    tier: 1,
    args: { limit },
    method: 'GET',
    path,
  };
  return { ok: true, value };
};

/** Runs for allowed requests only. */
async function search(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const contacts = CONTACTS[pathname.slice('/contacts/'.length)] ?? [];
  return Response.json(contacts.slice(0, Number(searchParams.get('limit') ?? 10)));
}

async function readFeedKey(hex: string): Promise<CryptoKey> {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('FEED_PUBLIC_KEY must be 64 hex digits');
  const raw = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
}

// One per isolate, so that requests share the copy of the feed. Keep the value and not its promise:
// workerd cancels a promise together with the request that created it.
let api: Awaited<ReturnType<typeof createApi>> | undefined;

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    api ??= await createApi(env);
    return api(request, ctx);
  },
};
