/**
 * An API owner's side: a Worker of one's own, with a verifier in front of its one route.
 *
 *   GET /contacts/<region>?limit=<n>    uses crm.search, reads crm/contacts/<region>
 *
 * examples/wrangler.toml configures it; test/e2e/examples.test.ts runs it in workerd.
 */
import { fromHex } from '../src/encoding.ts';
import { FeedClient } from '../src/feed/index.ts';
import { ok, type Result, refuse } from '../src/result.ts';
import { createVerifier, guard, type VerifyRequest } from '../src/verifier/index.ts';

interface Env {
  /** The issuer's URL, as its tokens spell it. */
  readonly ISSUER: string;
  /** This API, as tokens name it. */
  readonly AUDIENCE: string;
  /** 64 hex digits, from the issuer's JWKS. The keys of its tokens come with the feed. */
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
  //    |                                    +-- the feed, when the copy is too old --->|
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
    //  |                                    |   after the answer: poll                 |
    decided: (_decision, _request, ctx) =>
      ctx.waitUntil(feed.due ? feed.poll() : Promise.resolve()),
  });
}

/** What the request would do, in the words of a decision. The route sets the tier. */
async function describeSearch(request: Request): Promise<Result<VerifyRequest, Response>> {
  const { pathname: path, searchParams } = new URL(request.url);
  const [, region] = /^\/contacts\/([a-z]{2})$/.exec(path) ?? [];
  if (request.method !== 'GET' || region === undefined) {
    return refuse(new Response('not found', { status: 404 }));
  }
  // What a check cannot see, the route must not read: `limit` is all that there is.
  const limit = Number(searchParams.get('limit') ?? 10);
  return ok({
    tool: 'crm.search',
    action: 'read',
    dataset: [`crm/contacts/${region}`],
    tier: 1,
    args: { limit },
    method: 'GET',
    path,
  });
}

/** Runs for allowed requests only. */
async function search(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const contacts = CONTACTS[pathname.slice('/contacts/'.length)] ?? [];
  return Response.json(contacts.slice(0, Number(searchParams.get('limit') ?? 10)));
}

async function readFeedKey(hex: string): Promise<CryptoKey> {
  const raw = fromHex(hex);
  if (raw?.length !== 32) throw new Error('FEED_PUBLIC_KEY is not 64 hex digits');
  return crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
}

// One for the isolate: the copy of the feed is kept between requests. The value and not its
// promise, which would end with the request that made it.
let api: Awaited<ReturnType<typeof createApi>> | undefined;

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    api ??= await createApi(env);
    return api(request, ctx);
  },
};
