/**
 * An API of your own in Node. It follows the trust feed over a socket, stores its position on disk,
 * and reports it to the issuer.
 *
 *   GET /reports/<name>    uses mcp/files/read_text_file, reads files/reports/<name>
 *
 *   export HEWN_ISSUER=… HEWN_AUDIENCE=… HEWN_FEED_PUBLIC_KEY=… HEWN_VERIFIER_CREDENTIAL=…
 *   npx node examples/node-verifier.ts
 *
 * test/e2e/drill.test.ts runs this file and measures how fast it enforces a revocation.
 */
import { createServer } from 'node:http';
import { type NodeProtectOptions, protect } from 'hewn/verifier/node';
import { AutoRouter } from 'itty-router';

const reports = new Map([
  ['q1.md', '# Q1'],
  ['q2.md', '# Q2'],
]);

export function createReportServer(options: NodeProtectOptions) {
  const hewn = protect(options);
  const router = AutoRouter().get(
    '/reports/:name',
    hewn.fetch(
      {
        tool: 'mcp/files/read_text_file',
        action: 'read',
        tier: 1,
        dataset: 'files/reports/:name',
        args: ({ params: { name = '' } }) => ({ path: `reports/${name}` }),
      },
      ({ params: { name = '' } }) => {
        const report = reports.get(name);
        return new Response(report, { status: report === undefined ? 404 : 200 });
      },
    ),
  );
  const server = createServer(hewn.listener((request) => router.fetch(request)));
  const close = async () => {
    await hewn.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { server, feed: hewn.feed, close };
}

if (import.meta.main) {
  const {
    HEWN_ISSUER = '',
    HEWN_AUDIENCE = '',
    HEWN_FEED_PUBLIC_KEY = '',
    PORT = '8790',
  } = process.env;
  const { HEWN_VERIFIER_CREDENTIAL: credential } = process.env;
  const { server } = createReportServer({
    issuer: HEWN_ISSUER,
    audience: HEWN_AUDIENCE,
    feedKey: HEWN_FEED_PUBLIC_KEY,
    floor: 'feed.floor',
    ...(credential && { credential }),
  });
  server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`));
}
