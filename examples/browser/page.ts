/**
 * An agent in a web page, without any module of Node: the page gets the tokens of its user and of
 * itself from its own server, and calls an MCP server behind the gateway. The key of its capability
 * lives in the page, and no script can copy it. test/product/browser-agent.test.ts runs this file
 * in Chromium.
 *
 * Serve the issuer and the gateway under the origin of the page, for example with a reverse proxy,
 * or list the origin of the page in `origins` of the gateway.
 */
import { connect, identityFrom } from 'hewn/agent';

/** Returns the text of a JWT that the server of the page keeps for its signed-in user. */
const tokenOf = (path: string) => async (): Promise<string> => (await fetch(path)).text();

interface Answer {
  readonly result: { readonly content: readonly { readonly text: string }[] };
}

/** Reads one report, and returns what a person or a model reads. */
export async function readReport(origin: string, path: string): Promise<string> {
  const connection = await connect({
    issuer: origin,
    audience: origin,
    identity: identityFrom(tokenOf('/session/agent-token')),
    user: identityFrom(tokenOf('/session/user-token')),
    task: 'quarterly churn report',
    grants: [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }],
  });
  // Not every browser knows `await using`.
  try {
    const files = connection.mcp('files');
    const response = await files.fetch(files.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'read_text_file', arguments: { path } },
      }),
    });
    const answer = (await response.json()) as Answer;
    return answer.result.content[0]?.text ?? '';
  } finally {
    await connection.complete();
  }
}
