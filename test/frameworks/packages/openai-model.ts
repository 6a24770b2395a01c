/** The scripted model as a model of the OpenAI Agents SDK. */
import type { Model, ModelResponse } from '@openai/agents';
import { Usage } from '@openai/agents';
import { ANSWER, type Seen } from './script.ts';

export function openAiModel(seen: Seen): Model {
  return {
    getResponse: async ({ tools, input }): Promise<ModelResponse> => {
      const step = seen.next(
        tools.map(({ name }) => name),
        typeof input === 'string' ? input : input.at(-1),
      );
      const usage = new Usage();
      if (step) {
        const { id: callId, tool: name, args } = step;
        const call = { type: 'function_call', callId, name, status: 'completed' } as const;
        return { usage, output: [{ ...call, arguments: JSON.stringify(args) }] };
      }
      const content = [{ type: 'output_text', text: ANSWER } as const];
      const message = { type: 'message', role: 'assistant', status: 'completed' } as const;
      return { usage, output: [{ ...message, content }] };
    },
    getStreamedResponse: () => {
      throw new Error('the script does not stream');
    },
  };
}
