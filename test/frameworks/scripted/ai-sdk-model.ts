/** The scripted model as a language model of the Vercel AI SDK, which Mastra takes too. */
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';
import { ANSWER, type Seen } from './script.ts';

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** `nameOf` returns the name that the framework gives to a tool, of those that it offers. */
export function aiSdkModel(
  seen: Seen,
  nameOf = (tool: string, _offered: readonly string[]) => tool,
): LanguageModelV4 {
  const turn = ({ tools = [], prompt }: LanguageModelV4CallOptions) => {
    const names = tools.map(({ name }) => name);
    const step = seen.next(names, prompt.at(-1));
    const finishReason = step
      ? ({ unified: 'tool-calls', raw: 'tool_calls' } as const)
      : ({ unified: 'stop', raw: 'stop' } as const);
    if (!step) return { finishReason };
    const call = {
      type: 'tool-call',
      toolCallId: step.id,
      toolName: nameOf(step.tool, names),
      input: JSON.stringify(step.args),
    } as const;
    return { finishReason, call };
  };
  return new MockLanguageModelV4({
    doGenerate: async (options) => {
      const { call, finishReason } = turn(options);
      const content = [call ?? ({ type: 'text', text: ANSWER } as const)];
      return { content, finishReason, usage: USAGE, warnings: [] };
    },
    doStream: async (options) => {
      const { call, finishReason } = turn(options);
      const text = [
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: ANSWER },
        { type: 'text-end', id: 't' },
      ] as const;
      return {
        stream: convertArrayToReadableStream([
          { type: 'stream-start', warnings: [] } as const,
          ...(call ? [call] : text),
          { type: 'finish', finishReason, usage: USAGE } as const,
        ]),
      };
    },
  });
}
