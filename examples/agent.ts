/**
 * An agent: obtains a capability for one task, then calls an MCP server. Each request carries a
 * token that is narrowed to that one call.
 *
 *   export HEWN_ISSUER=… HEWN_GATEWAY=… HEWN_SUBJECT_TOKEN=… HEWN_ACTOR_TOKEN=…
 *   npx node examples/agent.ts
 *
 * The two tokens are JWTs from an identity provider that the issuer trusts: one for the user, one
 * for the agent's own workload. test/e2e/examples.test.ts runs this file.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { issuerCatalogue, narrowingFetch, obtainCapability } from 'hewn/agent';

export interface AgentOptions {
  readonly issuer: string;
  /** The gateway's URL: the audience of the capability. */
  readonly gateway: string;
  readonly subjectToken: string;
  readonly actorToken: string;
  readonly fetch?: typeof fetch;
}

/** Reads one report, as the report agent of policy/reports.datalog. */
export async function readReport(options: AgentOptions, path: string): Promise<string> {
  const { issuer, gateway, subjectToken, actorToken, fetch = globalThis.fetch } = options;

  //  agent                          issuer                       gateway              MCP server
  //    |                              |                             |                      |
  //    +-- two JWTs, task, grants --->|                             |                      |
  const obtained = await obtainCapability({
    issuer,
    audience: gateway,
    subjectToken,
    actorToken,
    fetch,
    task: 'quarterly churn report',
    grants: [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }],
  });
  if (!obtained.ok) throw new Error(`no capability: ${JSON.stringify(obtained.error)}`);
  const capability = obtained.value;
  //    |<-------- capability ---------+                             |                      |
  //    |                              |                             |                      |
  //    +--- each request with its own token, narrowed offline ----->|                      |
  const catalogue = issuerCatalogue({ issuer, fetch });
  const narrowing = narrowingFetch({ capability, catalogue, server: 'files', fetch });
  const transport = new StreamableHTTPClientTransport(new URL(`${gateway}/mcp/files`), {
    fetch: narrowing,
  });
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
  const { HEWN_ISSUER, HEWN_GATEWAY, HEWN_SUBJECT_TOKEN, HEWN_ACTOR_TOKEN } = process.env;
  const options = {
    issuer: HEWN_ISSUER ?? '',
    gateway: HEWN_GATEWAY ?? '',
    subjectToken: HEWN_SUBJECT_TOKEN ?? '',
    actorToken: HEWN_ACTOR_TOKEN ?? '',
  };
  console.log(await readReport(options, 'reports/q3.md'));
}
