/**
 * An agent of LangChain whose servers come from a configuration, as `MultiServerMCPClient` reads it.
 * It knows nothing of Hewn: start it with `hewn run -- node langchain-servers.ts`, which holds the
 * capability in another process. Guide: docs/guides/frameworks/langchain.md.
 * test/product/frameworks.test.ts runs this file with the real packages and a scripted model.
 */
import { readFile } from 'node:fs/promises';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { createAgent } from 'langchain';
import { PROMPT } from './task.ts';

/** `configuration` is the path of a file with `mcpServers`: `HEWN_MCP_CONFIG` of a run. */
export async function summarize(configuration: string, model: BaseChatModel): Promise<string> {
  const { mcpServers } = JSON.parse(await readFile(configuration, 'utf8'));
  const client = new MultiServerMCPClient(mcpServers);
  try {
    const agent = createAgent({ model, tools: await client.getTools() });
    const { messages } = await agent.invoke({ messages: [{ role: 'user', content: PROMPT }] });
    return messages.at(-1)?.text ?? '';
  } finally {
    await client.close();
  }
}
