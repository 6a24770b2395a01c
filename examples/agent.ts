/**
 * An agent: connects for one task, then calls an MCP server. Each request carries a token that is
 * narrowed to that one call, and the workflow ends with the block.
 *
 *   export HEWN_ISSUER=… HEWN_GATEWAY=… HEWN_SUBJECT_TOKEN=… HEWN_ACTOR_TOKEN=…
 *   npx node examples/agent.ts
 *
 * The two tokens are JWTs from an identity provider that the issuer trusts: one for the user, one
 * for the agent's own workload. test/e2e/examples.test.ts runs this file.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { connect, environmentIdentity, type IdentitySource } from 'hewn/agent';

export interface AgentOptions {
  readonly issuer: string;
  /** The gateway's URL: the audience of the capability. */
  readonly gateway: string;
  /** Who the agent is, and for whom it acts. */
  readonly identity: IdentitySource;
  readonly user: IdentitySource;
  readonly fetch?: typeof fetch;
}

/** Reads one report, as the report agent of policy/reports.datalog. */
export async function readReport(options: AgentOptions, path: string): Promise<string> {
  const { issuer, gateway, identity, user, fetch = globalThis.fetch } = options;

  //  agent                          issuer                       gateway              MCP server
  //    |                              |                             |                      |
  //    +-- two JWTs, task, grants --->|                             |                      |
  await using connection = await connect({
    issuer,
    audience: gateway,
    identity,
    user,
    task: 'quarterly churn report',
    grants: [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }],
    fetch,
  });
  //    |<-------- capability ---------+                             |                      |
  //    |                              |                             |                      |
  //    +--- each request with its own token, narrowed offline ----->|                      |
  const files = connection.mcp('files');
  const transport = new StreamableHTTPClientTransport(files.url, { fetch: files.fetch });
  const client = new Client({ name: 'report-agent', version: '1.0.0' });
  await client.connect(transport);
  //    |                              |              decides, then  +---- the call ------->|
  const result = await client.callTool({ name: 'read_text_file', arguments: { path } });
  //    |<---------------------------- the file, through the gateway ----------------------+
  await client.close();
  const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  // A denial is a result too: its text is for the model, and is no report.
  if (result.isError) throw new Error(text);
  return text;
}

if (import.meta.main) {
  const { HEWN_ISSUER, HEWN_GATEWAY } = process.env;
  const options = {
    issuer: HEWN_ISSUER ?? '',
    gateway: HEWN_GATEWAY ?? '',
    identity: environmentIdentity('HEWN_ACTOR_TOKEN'),
    user: environmentIdentity('HEWN_SUBJECT_TOKEN'),
  };
  console.log(await readReport(options, 'reports/q3.md'));
}
