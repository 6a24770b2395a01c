/** The scripted model as a chat model of LangChain. */
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import { ANSWER, type Seen } from './script.ts';

export class LangChainModel extends BaseChatModel {
  readonly #seen: Seen;
  #tools: readonly string[] = [];

  constructor(seen: Seen) {
    super({});
    this.#seen = seen;
  }

  override _llmType(): string {
    return 'scripted';
  }

  override bindTools(tools: Parameters<NonNullable<BaseChatModel['bindTools']>>[0]): this {
    this.#tools = tools.map((tool) => ('name' in tool ? String(tool.name) : ''));
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const step = this.#seen.next(this.#tools, messages.at(-1)?.content);
    if (!step) return { generations: [{ text: ANSWER, message: new AIMessage(ANSWER) }] };
    const { id, tool: name, args } = step;
    const calls = [{ id, name, args, type: 'tool_call' as const }];
    return {
      generations: [{ text: '', message: new AIMessage({ content: '', tool_calls: calls }) }],
    };
  }
}
