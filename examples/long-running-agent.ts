/**
 * An agent that runs for hours: its capability is bound to a key and renewed before it expires, it
 * asks for more when the gateway says what is missing, and it ends its workflow when it is done.
 * test/e2e/examples.test.ts runs this file.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import {
  type CapabilityHolder,
  createDpopKey,
  issuerCatalogue,
  narrowingFetch,
  neededGrantsOf,
  refreshing,
} from 'hewn/agent';

export interface LongRunningOptions {
  readonly issuer: string;
  readonly gateway: string;
  /** Return a fresh JWT of the user and of the workload. Both are called for each renewal. */
  readonly subjectToken: () => Promise<string>;
  readonly actorToken: () => Promise<string>;
  readonly fetch?: typeof fetch;
}

/** Reads some reports and writes a summary, for which it holds no grant at first. */
export async function summarize(
  options: LongRunningOptions,
  reports: readonly string[],
): Promise<void> {
  const { issuer, gateway, fetch = globalThis.fetch } = options;
  const dpop = await createDpopKey();
  const holder = refreshing(async () => ({
    issuer,
    audience: gateway,
    subjectToken: await options.subjectToken(),
    actorToken: await options.actorToken(),
    fetch,
    dpop,
    task: 'quarterly churn report',
    grants: [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }],
  }));
  const catalogue = issuerCatalogue({ issuer, fetch });
  const client = new Client({ name: 'report-agent', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${gateway}/mcp/files`), {
      fetch: narrowingFetch({ capability: holder, catalogue, server: 'files', fetch }),
    }),
  );
  for (const path of reports) {
    await client.callTool({ name: 'read_text_file', arguments: { path } });
  }
  const summary = { path: 'summaries/churn.md', content: '# Churn\n' };
  const write = () => client.callTool({ name: 'write_file', arguments: summary });
  const written = await withStepUp(holder, write);
  if (written.isError) throw new Error(JSON.stringify(written.content));
  await client.close();
  const ended = await holder.complete();
  if (!ended.ok) throw new Error(`the workflow is still active: ${ended.error.code}`);
}

/** Makes a call. If a grant is missing, asks the issuer for it once and makes the call again. */
async function withStepUp<T>(holder: CapabilityHolder, call: () => Promise<T>): Promise<T> {
  const result = await call();
  const needed = await neededGrantsOf(result);
  if (needed === undefined) return result;
  const wider = await holder.stepUp(needed);
  if (!wider.ok) throw new Error(`not granted: ${wider.error.code}`);
  return await call();
}
