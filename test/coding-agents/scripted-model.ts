import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model does in one turn: it calls a tool, or it is finished. */
export type Step =
  | {
      readonly server: string;
      readonly tool: string;
      readonly args: Readonly<Record<string, unknown>>;
    }
  | { readonly text: string };

/** One turn as the model saw it. */
export interface Turn {
  readonly tools: readonly string[];
  /** The results of all calls until then, as JSON. */
  readonly results: readonly string[];
}

export interface ScriptedModel {
  readonly url: string;
  readonly turns: () => readonly Turn[];
  readonly close: () => Promise<void>;
}

type Body = Readonly<Record<string, unknown>>;
type Event = { readonly type?: string };

/** How one maker's API writes what all of them have. */
interface Api {
  readonly route: RegExp;
  readonly tools: (body: Body) => readonly string[];
  readonly results: (body: Body) => readonly unknown[];
  readonly answer: (step: Step, id: string, body: Body) => readonly Event[];
}

const list = (value: unknown): readonly Body[] => (Array.isArray(value) ? value : []);

/** Claude Code: `mcp__<server>__<tool>`. */
const anthropic: Api = {
  route: /\/v1\/messages$/,
  tools: ({ tools }) => list(tools).map(({ name }) => String(name)),
  results: ({ messages }) =>
    list(messages)
      .flatMap(({ content }) => list(content))
      .filter(({ type }) => type === 'tool_result'),
  answer: (step, id, { model }) => {
    const isText = 'text' in step;
    const block = isText
      ? { type: 'text', text: '' }
      : { type: 'tool_use', id, name: `mcp__${step.server}__${step.tool}`, input: {} };
    const delta = isText
      ? { type: 'text_delta', text: step.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(step.args) };
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: 'm', type: 'message', role: 'assistant', model, content: [], usage };
    const stop = { stop_reason: isText ? 'end_turn' : 'tool_use' };
    return [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: stop, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ];
  },
};

/** Codex: the namespace `mcp__<server>` with the name `<tool>`. */
const responses: Api = {
  route: /\/responses$/,
  tools: ({ tools }) =>
    list(tools).flatMap(({ tools: inner, name, type }) =>
      inner === undefined
        ? [String(name ?? type)]
        : list(inner).map((tool) => `${String(name)}.${String(tool.name)}`),
    ),
  results: ({ input }) => list(input).filter(({ type }) => type === 'function_call_output'),
  answer: (step, id) => {
    const item =
      'text' in step
        ? {
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text: step.text }],
          }
        : {
            type: 'function_call',
            call_id: id,
            namespace: `mcp__${step.server}`,
            name: step.tool,
            arguments: JSON.stringify(step.args),
          };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const done = { id: `i_${id}`, ...item };
    return [
      { type: 'response.created', response: { id: 'r' } },
      { type: 'response.output_item.done', output_index: 0, item: done },
      { type: 'response.completed', response: { id: 'r', usage } },
    ];
  },
};

/** Gemini CLI: `mcp_<server>_<tool>`. */
const gemini: Api = {
  route: /:streamGenerateContent$/,
  tools: ({ tools }) =>
    list(tools).flatMap(({ functionDeclarations }) =>
      list(functionDeclarations).map(({ name }) => String(name)),
    ),
  results: ({ contents }) =>
    list(contents)
      .flatMap(({ parts }) => list(parts))
      .filter(({ functionResponse }) => functionResponse !== undefined),
  answer: (step) => {
    const part =
      'text' in step
        ? { text: step.text }
        : { functionCall: { name: `mcp_${step.server}_${step.tool}`, args: step.args } };
    const content = { role: 'model', parts: [part] };
    const candidates = [{ index: 0, content, finishReason: 'STOP' }];
    return [{ candidates, usageMetadata: { totalTokenCount: 2 } } as Event];
  },
};

const APIS: readonly Api[] = [anthropic, responses, gemini];

/**
 * Starts a model on loopback that follows a script, whatever it reads: so it obeys any injected
 * instruction that the script has. The number of results in a request tells which step is next.
 */
export async function startScriptedModel(steps: readonly Step[]): Promise<ScriptedModel> {
  const turns: Turn[] = [];
  const server: Server = createServer(async (request, response) => {
    let raw = '';
    for await (const chunk of request) raw += chunk;
    const { pathname } = new URL(request.url ?? '/', 'http://model.test');
    const api = APIS.find(({ route }) => request.method === 'POST' && route.test(pathname));
    if (api === undefined) {
      response.writeHead(404).end(); // A probe, or a count of tokens.
      return;
    }
    const body = JSON.parse(raw) as Body;
    const [tools, results] = [api.tools(body), api.results(body)];
    const isAside = tools.length === 0; // A title or a summary, and no turn of the agent.
    if (!isAside) turns.push({ tools, results: results.map((one) => JSON.stringify(one)) });
    const step = isAside ? { text: 'title' } : (steps[results.length] ?? { text: 'done' });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of api.answer(step, `call_${results.length}`, body)) {
      const name = event.type === undefined ? '' : `event: ${event.type}\n`;
      response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    turns: () => turns,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
