/** Runs the example of each framework with a scripted model. Prints what its model saw, as JSON. */
import { setTracingDisabled } from '@openai/agents';
import { aiSdkModel } from './ai-sdk-model.ts';
import { summarize as langchain } from './examples/langchain.ts';
import { summarize as mastra } from './examples/mastra.ts';
import { summarize as openai } from './examples/openai-agents.ts';
import { summarize as vercel } from './examples/vercel-ai-sdk.ts';
import { optionsOf, runAll } from './harness.ts';
import { LangChainModel } from './langchain-model.ts';
import { openAiModel } from './openai-model.ts';
import type { Seen } from './script.ts';

const options = optionsOf(process.env);

setTracingDisabled(true); // Otherwise OpenAI Agents sends traces to OpenAI.

/** Mastra's own type of this interface also wants a stream from `doGenerate`. */
const mastraModel = (seen: Seen) =>
  aiSdkModel(seen, (tool) => `files_${tool}`) as Parameters<typeof mastra>[1] & object;

await runAll({
  'vercel-ai-sdk': (seen) => vercel(options, aiSdkModel(seen)),
  'openai-agents': (seen) => openai(options, openAiModel(seen)),
  langchain: (seen) => langchain(options, new LangChainModel(seen)),
  mastra: (seen) => mastra(options, mastraModel(seen)),
});
