/**
 * An API of your own in Node whose decisions are in the issuer's audit log, and whose calls count
 * towards the budgets of their workflows.
 *
 *   POST /messages    uses mcp/mail/send_message, writes to mail
 *   GET  /report      uses mcp/files/read_text_file, reads files/reports/q1.md
 *
 *   export HEWN_ISSUER=… HEWN_AUDIENCE=… HEWN_FEED_PUBLIC_KEY=… HEWN_VERIFIER_CREDENTIAL=…
 *   npx node examples/recorded-api.ts
 *
 * `hewn verifiers new` makes the credential. test/e2e/recorder.test.ts runs this file.
 */
import { createServer, type Server } from 'node:http';
import { createRecorder } from 'hewn/audit';
import type { IssuerService } from 'hewn/verifier';
import { protect } from 'hewn/verifier/node';

export interface RecordedApiOptions {
  /** The issuer's URL, as its tokens spell it. */
  readonly issuer: string;
  /** This API's URL, as tokens name it. */
  readonly audience: string;
  /** The key of the issuer's feed, as `hewn keys list` prints it. */
  readonly feedKey: string;
  /** One of the issuer's VERIFIER_CREDENTIALS, for this audience. */
  readonly credential: string;
  /** How the issuer is reached, if not by the global `fetch`. */
  readonly service?: IssuerService;
}

export interface RecordedApi {
  readonly server: Server;
  /** The name of this process in its records, after that of the credential. */
  readonly verifier: string;
  /** Ends the server. Returns whether every record was sent. */
  close(): Promise<boolean>;
}

//  agent                           this server                                    issuer
//    |                                  |                                           |
export function createRecordedApi(options: RecordedApiOptions): RecordedApi {
  const { issuer, audience, feedKey, credential, service } = options;
  const through = service ? { service } : {};
  const records = createRecorder({ issuer, credential, ...through });
  const hewn = protect({ issuer, audience, feedKey, records, ...through });
  //    +-- POST /messages, token ------>|   decides offline                         |
  //    |                                +-- tier 3: charges the call, records it -->|
  const send = hewn.fetch(
    { tool: 'mcp/mail/send_message', action: 'write', tier: 3, dataset: 'mail' },
    ({ args }) => Response.json({ sent: args.to ?? [] }),
  );
  //    +-- GET /report, token --------->|   decides offline, and records afterwards  |
  const report = hewn.fetch(
    { tool: 'mcp/files/read_text_file', action: 'read', tier: 1, dataset: 'files/reports/q1.md' },
    () => new Response('# Q1'),
  );
  const listener = hewn.listener(async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === 'POST' && pathname === '/messages') return send(request);
    if (request.method === 'GET' && pathname === '/report') return report(request);
    return new Response('not found', { status: 404 });
  });
  const server = createServer(listener);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    const [isSent] = await Promise.all([records.close(), hewn.close()]);
    return isSent;
  };
  return { server, verifier: records.verifier, close };
}

if (import.meta.main) {
  const {
    HEWN_ISSUER = '',
    HEWN_AUDIENCE = '',
    HEWN_FEED_PUBLIC_KEY = '',
    PORT = '8790',
  } = process.env;
  const { server, close } = createRecordedApi({
    issuer: HEWN_ISSUER,
    audience: HEWN_AUDIENCE,
    feedKey: HEWN_FEED_PUBLIC_KEY,
    credential: process.env.HEWN_VERIFIER_CREDENTIAL ?? '',
  });
  server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`));
  process.once('SIGTERM', () => void close());
}
