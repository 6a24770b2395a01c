/**
 * An API of your own in Node: a server with a verifier in front of its one route. It follows the
 * trust feed over a socket, stores its position on disk, and reports it to the issuer.
 *
 *   GET /reports/<name>    uses mcp/files/read_text_file, reads files/reports/<name>
 *
 *   export HEWN_ISSUER=… HEWN_AUDIENCE=… HEWN_FEED_KEY=… HEWN_VERIFIER_CREDENTIAL=…
 *   npx node examples/node-verifier.ts
 *
 * test/e2e/drill.test.ts runs this file and measures how fast it enforces a revocation.
 */
import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import { confirmOverHttp, FeedClient, FeedReporter, FeedSubscription } from 'hewn/feed';
import { createVerifier, type GuardOptions, guard, type VerifyRequest } from 'hewn/verifier';
import { floorFile, listener } from 'hewn/verifier/node';

export interface ReportServerOptions {
  /** The issuer's URL, as its tokens spell it. */
  readonly issuer: string;
  /** This API's URL, as tokens name it. */
  readonly audience: string;
  /** 64 hex digits from the issuer's JWKS. The keys that sign tokens come with the feed. */
  readonly feedKey: string;
  /** File in which this process stores its position in the feed. */
  readonly floor: string;
  /** One of the issuer's VERIFIER_CREDENTIALS. Without it, the position is not reported. */
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
          failed: (error) => console.error(`position not reported: ${(error as Error).message}`),
        });
  //    |                                     |<-- each revocation, as it is written --+
  const subscription = new FeedSubscription({
    client: feed,
    WebSocket,
    url: `${issuer.replace(/^http/, 'ws')}/feed/v2/0/subscribe`,
    //  |                                     +-- its new position ------------------->|
    onHead: (head) => void reporter?.confirm(head, Date.now()),
  });
  //    +-- GET /reports/q1.md, token ------->|   decides offline
  const verifier = createVerifier({ issuer, audience, keys: 'feed', feed });
  const handler = guard({
    verifier,
    describe: describeRead,
    handle: readReport,
  });
  const failed = (error: unknown) => console.error(error);
  const server = createServer(listener(handler, { origin: audience, failed }));
  const close = async () => {
    subscription.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { server, feed, close };
}

type Describe = GuardOptions<readonly unknown[]>['describe'];

/** Describes the call that a request makes. The route sets the tier. */
const describeRead: Describe = async (request) => {
  const { pathname: path } = new URL(request.url);
  const [, name] = /^\/reports\/([a-z0-9]+\.md)$/.exec(path) ?? [];
  if (request.method !== 'GET' || name === undefined) {
    return { ok: false, error: new Response('not found', { status: 404 }) };
  }
  const value: VerifyRequest = {
    tool: 'mcp/files/read_text_file',
    action: 'read',
    dataset: [`files/reports/${name}`],
    tier: 1,
    args: { path: `reports/${name}` },
    method: 'GET',
    path,
  };
  return { ok: true, value };
};

/** Runs for allowed requests only. */
async function readReport(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const report = REPORTS[pathname.slice('/reports/'.length)];
  return new Response(report ?? 'no such report', { status: report === undefined ? 404 : 200 });
}

async function readFeedKey(hex: string): Promise<CryptoKey> {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('HEWN_FEED_KEY must be 64 hex digits');
  const raw = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
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
