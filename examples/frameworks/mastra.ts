/**
 * An agent of Mastra. Guide: docs/guides/frameworks/mastra.md.
 * test/product/frameworks.test.ts runs this file with the real packages and a scripted model.
 */
import { Agent, type AgentConfig } from '@mastra/core/agent';
import { MCPClient } from '@mastra/mcp';
import { connect } from 'hewn/agent';
import { type AgentOptions, GRANTS, PROMPT, TASK } from './task.ts';

export async function summarize(
  options: AgentOptions,
  model: AgentConfig['model'],
): Promise<string> {
  const { issuer, gateway: audience, identity, user } = options;
  await using connection = await connect({
    issuer,
    audience,
    identity,
    user,
    task: TASK,
    grants: GRANTS,
  });
  const mcp = new MCPClient({ servers: { files: connection.mcp('files') } });
  try {
    const agent = new Agent({
      id: 'report-agent',
      name: 'report agent',
      instructions: 'You write reports.',
      model,
      tools: await mcp.listTools(),
    });
    const { text } = await agent.generate(PROMPT, { maxSteps: 20 });
    return text;
  } finally {
    await mcp.disconnect();
  }
}
