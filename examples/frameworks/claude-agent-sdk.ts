/**
 * An agent of the Claude Agent SDK. Guide: docs/guides/frameworks/claude-agent-sdk.md.
 * test/product/frameworks.test.ts runs this file with the real package and a scripted model.
 */
import { query } from '@anthropic-ai/claude-agent-sdk';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect } from 'hewn/agent';
import { type AgentOptions, GRANTS, PROMPT, TASK } from './task.ts';

/**
 * `env` is the environment of the program that the SDK starts. Pass what it needs and nothing else:
 * the credentials of this process do not belong in it.
 */
export async function summarize(
  options: AgentOptions,
  env: Readonly<Record<string, string | undefined>>,
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
  const { url, fetch } = connection.mcp('files');
  const client = new Client({ name: 'report-agent', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
  try {
    const files = { type: 'sdk', name: 'files', instance: inThisProcess(client) } as const;
    const messages = query({
      prompt: PROMPT,
      options: {
        env,
        mcpServers: { files },
        // No other server, no tool of its own, and no settings of the user.
        strictMcpConfig: true,
        tools: [],
        settingSources: [],
        allowedTools: ['mcp__files'],
        maxTurns: 20,
      },
    });
    for await (const message of messages) {
      if (message.type !== 'result') continue;
      if (message.subtype === 'success') return message.result;
      throw new Error(message.errors.join('\n'));
    }
    throw new Error('the agent ended without a result');
  } finally {
    await client.close();
  }
}

/** Serves the tools of a client to the SDK, so that the program it starts never has a token. */
function inThisProcess(client: Client): McpServer {
  const server = new McpServer(
    { name: 'files', version: '1.0.0' },
    { capabilities: { tools: {} } },
  );
  server.server.setRequestHandler(ListToolsRequestSchema, ({ params }) => client.listTools(params));
  server.server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params));
  return server;
}
