/**
 * An API owner's side in Node: a server with a verifier in front of its one route, that follows the
 * trust feed over a socket, remembers on disk how far it was, and tells the issuer.
 *
 *   GET /reports/<name>    uses mcp/files/read_text_file, reads files/reports/<name>
 *
 *   export HEWN_ISSUER=… HEWN_AUDIENCE=… HEWN_FEED_KEY=… HEWN_VERIFIER_CREDENTIAL=…
 *   npx node examples/node-verifier.ts
 *
 * test/e2e/drill.test.ts runs this file, and times a revocation at it.
 */
import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import { fromHex } from '../src/encoding.ts';
import { confirmOverHttp, FeedClient, FeedReporter, FeedSubscription } from '../src/feed/index.ts';
import { ok, type Result, refuse } from '../src/result.ts';
import { createVerifier, guard, type VerifyRequest } from '../src/verifier/index.ts';
import { floorFile, listener } from '../src/verifier-node/index.ts';

export interface ReportServerOptions {
  /** The issuer's URL, as its tokens spell it. */
  readonly issuer: string;
  /** This API, as tokens name it. */
  readonly audience: string;
  /** 64 hex digits, from the issuer's JWKS. The keys of its tokens come with the feed. */
  readonly feedKey: string;
  /** Where this process remembers how far its feed was. */
  readonly floor: string;
  /** One of the issuer's VERIFIER_CREDENTIALS: without it, nobody is told how far this one is. */
  readonly credential?: string | undefined;
}

export interface ReportServer {
  readonly server: Server;
  readonly feed: FeedClient;
  close(): Promise<void>;
}

const REPORTS: Readonly<Record<string, string>> = { 'q1.md': '# Q1', 'q2.md': '# Q2' };

//  agent                              this server                                 issuer
//    |                                     |                                        |
export async function createReportServer(options: ReportServerOptions): Promise<ReportServer> {
  const { issuer, audience, floor, credential } = options;
  const feed = new FeedClient({
    issuer,
    feedKey: await readFeedKey(options.feedKey),
    floor: floorFile(floor),
    fetch: (path, init) => fetch(issuer + path, init),
  });
  const reporter =
    credential === undefined
      ? undefined
      : new FeedReporter({
          verifier: `reports-${hostname()}-${process.pid}`.replace(/[^\w.:-]/g, '-').slice(0, 64),
          send: confirmOverHttp({ issuer, credential }),
          failed: (error) => console.error(`not confirmed: ${(error as Error).message}`),
        });
  //    |                                     |<-- each revocation, as it is written --+
  const subscription = new FeedSubscription({
    client: feed,
    WebSocket,
    url: `${issuer.replace(/^http/, 'ws')}/feed/v2/0/subscribe`,
    //  |                                     +-- this one has it, too --------------->|
    heard: (head) => void reporter?.tell(head, Date.now()),
  });
  //    +-- GET /reports/q1.md, token ------->|   decides by itself
  const verifier = createVerifier({ issuer, audience, keys: 'feed', feed });
  const handler = guard({ verifier, describe: describeRead, handle: readReport });
  const failed = (error: unknown) => console.error(error);
  const server = createServer(listener(handler, { origin: audience, failed }));
  const close = async () => {
    subscription.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { server, feed, close };
}

/** What the request would do, in the words of a decision. The route sets the tier. */
async function describeRead(request: Request): Promise<Result<VerifyRequest, Response>> {
  const { pathname: path } = new URL(request.url);
  const [, name] = /^\/reports\/([a-z0-9]+\.md)$/.exec(path) ?? [];
  if (request.method !== 'GET' || name === undefined) {
    return refuse(new Response('not found', { status: 404 }));
  }
  return ok({
    tool: 'mcp/files/read_text_file',
    action: 'read',
    dataset: [`files/reports/${name}`],
    tier: 1,
    args: { path: `reports/${name}` },
    method: 'GET',
    path,
  });
}

/** Runs for allowed requests only. */
async function readReport(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const report = REPORTS[pathname.slice('/reports/'.length)];
  return new Response(report ?? 'no such report', { status: report === undefined ? 404 : 200 });
}

async function readFeedKey(hex: string): Promise<CryptoKey> {
  const raw = fromHex(hex);
  if (raw?.length !== 32) throw new Error('HEWN_FEED_KEY is not 64 hex digits');
  return crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
}

if (import.meta.main) {
  const { HEWN_ISSUER = '', HEWN_AUDIENCE = '', HEWN_FEED_KEY = '', PORT = '8790' } = process.env;
  const { server } = await createReportServer({
    issuer: HEWN_ISSUER,
    audience: HEWN_AUDIENCE,
    feedKey: HEWN_FEED_KEY,
    floor: 'feed.floor',
    credential: process.env.HEWN_VERIFIER_CREDENTIAL,
  });
  server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`));
}
