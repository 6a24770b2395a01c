// Runs one scripted agent in each framework. Prints what its model saw, as JSON.
import { createMCPClient } from '@ai-sdk/mcp';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { Agent, MCPServerStreamableHttp, Runner, setTracingDisabled } from '@openai/agents';
import { generateText, stepCountIs } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';

const { MCP_URL: url, MCP_TOKEN: token } = process.env;
const headers = { authorization: `Bearer ${token}` };
const args = { region: 'us' };

async function vercel() {
  const client = await createMCPClient({ transport: { type: 'http', url, headers } });
  const tools = await client.tools();
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  const saw = [];
  const model = new MockLanguageModelV3({
    doGenerate: async ({ prompt }) => {
      saw.push(prompt);
      return saw.length === 1
        ? {
            content: [
              {
                type: 'tool-call',
                toolCallId: '1',
                toolName: 'search',
                input: JSON.stringify(args),
              },
            ],
            finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
            usage,
            warnings: [],
          }
        : {
            content: [{ type: 'text', text: 'finished' }],
            finishReason: { unified: 'stop', raw: 'stop' },
            usage,
            warnings: [],
          };
    },
  });
  await generateText({ model, tools, prompt: 'go', stopWhen: stepCountIs(3) });
  await client.close();
  return { tools: Object.keys(tools), saw: JSON.stringify(saw.at(-1)) };
}

async function openai() {
  setTracingDisabled(true);
  const server = new MCPServerStreamableHttp({ url, requestInit: { headers }, name: 'crm' });
  await server.connect();
  const requests = [];
  const usage = { requests: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2 };
  const model = {
    getResponse: async (request) => {
      requests.push(request);
      const output =
        requests.length === 1
          ? [
              {
                type: 'function_call',
                callId: '1',
                name: 'search',
                status: 'completed',
                arguments: JSON.stringify(args),
              },
            ]
          : [
              {
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [{ type: 'output_text', text: 'finished' }],
              },
            ];
      return { usage, output };
    },
    getStreamedResponse: () => {
      throw new Error('not scripted');
    },
  };
  const agent = new Agent({ name: 'a', model, mcpServers: [server] });
  await new Runner({ tracingDisabled: true }).run(agent, 'go');
  await server.close();
  return {
    tools: requests[0].tools.map(({ name }) => name),
    saw: JSON.stringify(requests.at(-1).input),
  };
}

async function langchain() {
  const client = new MultiServerMCPClient({
    mcpServers: { crm: { transport: 'http', url, headers } },
  });
  const tools = await client.getTools();
  const saw = [];
  class Scripted extends BaseChatModel {
    _llmType() {
      return 'scripted';
    }
    bindTools() {
      return this;
    }
    async _generate(messages) {
      saw.push(messages);
      const message =
        saw.length === 1
          ? new AIMessage({
              content: '',
              tool_calls: [{ id: '1', name: 'search', args, type: 'tool_call' }],
            })
          : new AIMessage('finished');
      return { generations: [{ text: '', message }] };
    }
  }
  const agent = createReactAgent({ llm: new Scripted({}), tools });
  await agent.invoke({ messages: [{ role: 'user', content: 'go' }] });
  await client.close();
  return {
    tools: tools.map(({ name }) => name),
    saw: JSON.stringify(saw.at(-1).map(({ content }) => content)),
  };
}

const results = {};
for (const [name, run] of Object.entries({ vercel, openai, langchain })) {
  results[name] = await run().catch((error) => ({ error: String(error?.stack ?? error) }));
}
console.log(JSON.stringify(results));
process.exit(0);
