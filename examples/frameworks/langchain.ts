/**
 * An agent of LangChain, which runs on LangGraph. Guide: docs/guides/frameworks/langchain.md.
 * test/product/frameworks.test.ts runs this file with the real packages and a scripted model.
 */
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { loadMcpTools } from '@langchain/mcp-adapters';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { connect } from 'hewn/agent';
import { createAgent } from 'langchain';
import { type AgentOptions, GRANTS, PROMPT, TASK } from './task.ts';

export async function summarize(options: AgentOptions, model: BaseChatModel): Promise<string> {
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
  const client = new Client({ name: 'report-agent', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
  try {
    const tools = await loadMcpTools('files', client);
    // The model learns which argument the capability does not allow.
    for (const tool of tools) tool.verboseParsingErrors = true;
    const agent = createAgent({ model, tools });
    const { messages } = await agent.invoke({ messages: [{ role: 'user', content: PROMPT }] });
    return messages.at(-1)?.text ?? '';
  } finally {
    await client.close();
  }
}
