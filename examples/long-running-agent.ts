/**
 * An agent that runs for hours: its capability is renewed before it expires, it asks for more when
 * the gateway says what is missing and its own rule allows that, and its workflow ends when it is
 * done or dies. test/e2e/examples.test.ts runs this file.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { connect, type IdentitySource } from 'hewn/agent';

export interface LongRunningOptions {
  readonly issuer: string;
  readonly gateway: string;
  readonly identity: IdentitySource;
  readonly user: IdentitySource;
  readonly fetch?: typeof fetch;
}

/** Reads some reports and writes a summary, for which it has no grant at first. */
export async function summarize(
  options: LongRunningOptions,
  reports: readonly string[],
): Promise<void> {
  const { issuer, gateway, identity, user, fetch = globalThis.fetch } = options;
  await using connection = await connect({
    issuer,
    audience: gateway,
    identity,
    user,
    task: 'quarterly churn report',
    grants: [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }],
    // A prompt in a report must not make this agent ask for anything else.
    stepUp: ({ needed }) => needed.every(({ tool }) => tool === 'mcp/files/write_file'),
    // If this process dies, the workflow ends within two minutes.
    lifetimeSeconds: 60,
    renewWithinSeconds: 120,
    fetch,
  });
  const files = connection.mcp('files');
  const client = new Client({ name: 'report-agent', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(files.url, { fetch: files.fetch }));
  for (const path of reports) {
    await client.callTool({ name: 'read_text_file', arguments: { path } });
  }
  const summary = { path: 'summaries/churn.md', content: '# Churn\n' };
  const written = await client.callTool({ name: 'write_file', arguments: summary });
  if (written.isError) throw new Error(JSON.stringify(written.content));
  await client.close();
  const ended = await connection.complete();
  if (!ended.ok) throw new Error(`the workflow is still active: ${ended.error.code}`);
}
