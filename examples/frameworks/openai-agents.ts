/**
 * An agent of the OpenAI Agents SDK. Guide: docs/guides/frameworks/openai-agents.md.
 * test/product/frameworks.test.ts runs this file with the real package and a scripted model.
 */
import { Agent, MCPServerStreamableHttp, type Model, run } from '@openai/agents';
import { connect } from 'hewn/agent';
import { type AgentOptions, GRANTS, PROMPT, TASK } from './task.ts';

export async function summarize(options: AgentOptions, model: string | Model): Promise<string> {
  const { issuer, gateway: audience, identity, user } = options;
  await using connection = await connect({
    issuer,
    audience,
    identity,
    user,
    task: TASK,
    grants: GRANTS,
  });
  const { url, fetch } = connection.mcp('files');
  const files = new MCPServerStreamableHttp({ name: 'files', url: url.href, fetch });
  await files.connect();
  try {
    const agent = new Agent({ name: 'report agent', model, mcpServers: [files] });
    const { finalOutput } = await run(agent, PROMPT, { maxTurns: 20 });
    return finalOutput ?? '';
  } finally {
    await files.close();
  }
}
