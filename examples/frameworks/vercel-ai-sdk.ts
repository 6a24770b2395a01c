/**
 * An agent of the Vercel AI SDK. Guide: docs/guides/frameworks/vercel-ai-sdk.md.
 * test/product/frameworks.test.ts runs this file with the real packages and a scripted model.
 */
import { createMCPClient } from '@ai-sdk/mcp';
import { generateText, isStepCount, type LanguageModel } from 'ai';
import { connect } from 'hewn/agent';
import { type AgentOptions, GRANTS, PROMPT, TASK } from './task.ts';

export async function summarize(options: AgentOptions, model: LanguageModel): Promise<string> {
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
  const client = await createMCPClient({ transport: { type: 'http', url: url.href, fetch } });
  try {
    const tools = await client.tools();
    const stopWhen = isStepCount(20);
    const { text } = await generateText({ model, tools, prompt: PROMPT, stopWhen });
    return text;
  } finally {
    await client.close();
  }
}
