/**
 * A Cloudflare Workflow with a capability for each run. Every step continues the workflow of the run
 * with the key of the run, so the run may hibernate or retry between them. Guide:
 * docs/guides/frameworks/cloudflare-workflows.md. test/product/frameworks.test.ts runs this file.
 */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Connection, connect, deriveDpopKey, identityFrom } from 'hewn/agent';
import type { AgentEnv } from './cloudflare-agent.ts';
import { GRANTS, TASK } from './task.ts';

export interface ReportParams {
  readonly report: string;
  readonly summary: string;
}

export class ReportWorkflow extends WorkflowEntrypoint<AgentEnv, ReportParams> {
  override async run({ payload, instanceId }: WorkflowEvent<ReportParams>, step: WorkflowStep) {
    // Only the id is stored. Each step derives the key again.
    const workflow = await step.do('begin', async () => (await this.#connect(instanceId)).workflow);
    const open = () => this.#connect(instanceId, workflow);
    try {
      const lines = await step.do('read', async () => {
        const report = await callTool(await open(), 'read_text_file', { path: payload.report });
        return report.split('\n').length;
      });
      await step.waitForEvent('someone wants it', { type: 'wanted', timeout: '1 day' });
      await step.do('write', async () => {
        const content = `The report has ${lines} lines.\n`;
        return callTool(await open(), 'write_file', { path: payload.summary, content });
      });
    } catch (error) {
      await step.do('fail', async () => ended(await (await open()).fail('a step failed')));
      throw error;
    }
    await step.do('end', async () => ended(await (await open()).complete()));
    return { workflow };
  }

  async #connect(run: string, workflow?: string): Promise<Connection> {
    const { env } = this;
    return connect({
      issuer: env.HEWN_ISSUER,
      audience: env.HEWN_GATEWAY,
      identity: identityFrom(() => env.HEWN_ACTOR_TOKEN),
      user: identityFrom(() => env.HEWN_SUBJECT_TOKEN),
      task: TASK,
      grants: GRANTS,
      dpop: await deriveDpopKey(env.HOLDER_SECRET, `workflow ${run}`),
      ...(workflow !== undefined && { workflow }),
    });
  }
}

/** Throws if the workflow has not ended, so that the step is retried. */
function ended(result: Awaited<ReturnType<Connection['complete']>>): void {
  if (!result.ok) throw new Error(`the workflow is still active: ${result.error.code}`);
}

/** Calls a tool of the server `files`. A denial fails the run: a retry would be denied as well. */
async function callTool(
  connection: Connection,
  name: string,
  args: Readonly<Record<string, string>>,
): Promise<string> {
  const { url, fetch } = connection.mcp('files');
  const client = new Client({ name: 'report-workflow', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
  try {
    const { content, isError } = await client.callTool({ name, arguments: args });
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    if (isError) throw new NonRetryableError(text);
    return text;
  } finally {
    await client.close();
  }
}
