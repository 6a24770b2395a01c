import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import type { Action } from '../capability/index.ts';
import { type Catalogue, type CatalogueTool, describeCall } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { RouteMode, VerifyRequest } from '../verifier/index.ts';
import type { McpMessage } from './message.ts';
import type { McpDataset, McpOptions, McpReads, McpTool } from './options.ts';

/** A call that a message makes, with what the decision and its denial need. */
export interface McpCall {
  readonly call: Pick<VerifyRequest, 'tool' | 'action' | 'tier' | 'dataset' | 'content'> & {
    readonly args: JsonObject;
  };
  readonly mode: RouteMode;
  /** Whether the tool gets a scope. */
  readonly scoped?: boolean | undefined;
  /** The tool's entry in the catalogue, if there is one. */
  readonly listed?: CatalogueTool | undefined;
}

/** What a message does. */
export type Operation =
  | ({ readonly kind: 'call' } & McpCall)
  /** It uses no tool. `needs`: a tool that the token must be able to use, if there is one. */
  | { readonly kind: 'session'; readonly needs?: string }
  | ({ readonly kind: 'denied'; readonly why: NotOffered } & Attempted);

/** What a denied message tried to use, so that neither its mode nor a stop of its tool is lost. */
interface Attempted {
  readonly tool?: string;
  readonly mode: RouteMode;
}

/** Why a message is no operation of this server. */
export type NotOffered =
  | { readonly code: 'method_denied' }
  | { readonly code: 'answer_unjudged' }
  | { readonly code: 'tool_unknown'; readonly tool: string }
  | { readonly code: 'arguments_invalid'; readonly why: string; readonly pointer?: string };

/** A tool of the server, as policies name it. */
export interface KnownTool {
  readonly tool: string;
  readonly action: Action;
  readonly mode: RouteMode;
  /** Its entry in the catalogue, if there is one. */
  readonly listed?: CatalogueTool | undefined;
}

/** The messages without a tool that clients need, in the supported revisions of MCP. */
const SESSION_METHODS: readonly string[] = [
  // Until 2025-11-25:
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'ping',
  // From 2026-07-28:
  'server/discover',
  'tools/list',
];

/** The operations of one server. Any method, tool and argument that it does not know is denied. */
export class Operations {
  readonly #options: McpOptions;
  readonly #mode: RouteMode;

  constructor(options: McpOptions) {
    this.#options = options;
    this.#mode = options.mode ?? 'enforce';
  }

  get mode(): RouteMode {
    return this.#mode;
  }

  get catalogue(): Catalogue | undefined {
    return this.#options.catalogue;
  }

  /** Returns what is known of a tool that clients call by this name. */
  find(name: string): KnownTool | undefined {
    const tool = this.#named(name);
    const rule = this.#rule(name);
    const listed = this.#options.catalogue?.get(tool);
    const action = (rule ?? listed)?.action;
    return action && { tool, action, listed, mode: rule?.mode ?? this.#mode };
  }

  /** Says what a message does. */
  describe(message: McpMessage): Operation {
    const attempted = this.#attempted(message);
    if (carriesAnswer(message) && this.#options.answers !== 'unjudged') {
      return { kind: 'denied', why: { code: 'answer_unjudged' }, ...attempted };
    }
    if (message.kind === 'response') return { kind: 'session' };
    const { method, params } = message;
    if (SESSION_METHODS.includes(method)) return { kind: 'session' };
    if (message.kind === 'request') {
      switch (method) {
        case 'tools/call':
          return described(() => this.#toolCall(params), attempted);
        case 'resources/read':
          return this.#reads(this.#options.resources, method, { uri: params.uri ?? null });
        case 'prompts/get': {
          const { name = null, arguments: args = {} } = params;
          return this.#reads(this.#options.prompts, method, { name, arguments: args });
        }
        case 'resources/list':
        case 'resources/templates/list':
          return this.#lists(this.#options.resources, 'resources/read');
        case 'prompts/list':
          return this.#lists(this.#options.prompts, 'prompts/get');
      }
    }
    return { kind: 'denied', why: { code: 'method_denied' }, ...attempted };
  }

  #attempted(message: McpMessage): Attempted {
    const mode = this.#mode;
    if (message.kind !== 'request') return { mode };
    const { method, params } = message;
    if (method === 'resources/read' || method === 'prompts/get') {
      return { tool: this.#named(method), mode };
    }
    const { name } = params;
    if (method !== 'tools/call' || typeof name !== 'string') return { mode };
    const tool = this.#named(name.slice(0, NAME_LENGTH_MAX));
    return { tool, mode: this.#rule(name)?.mode ?? mode };
  }

  /** Returns the entry of a tool in `tools`. */
  #rule(name: string): McpTool | undefined {
    const { tools = {} } = this.#options;
    return Object.hasOwn(tools, name) ? tools[name] : undefined;
  }

  #named(name: string): string {
    return `mcp/${this.#options.server}/${name}`;
  }

  #toolCall({ name, arguments: args = {} }: JsonObject): Result<McpCall, NotOffered> {
    const { catalogue } = this.#options;
    if (typeof name !== 'string') return invalid('a call without the name of a tool');
    if (!isJsonObject(args)) return invalid('arguments that are not an object');
    const tool = this.#named(name.slice(0, NAME_LENGTH_MAX));
    if (catalogue) {
      const found = describeCall(catalogue, tool, args);
      if (found.ok) {
        const { tier, action, dataset, content } = found.value;
        const call = { tool, action, tier, dataset, args, ...(content && { content }) };
        return ok({ call, mode: this.#mode, listed: catalogue.get(tool) });
      }
      const { error } = found;
      if (error.code === 'tool_unknown') return refuse({ ...error, tool });
      return invalid(WHY[error.code], error.pointer);
    }
    const rule = this.#rule(name);
    if (!rule) return refuse({ code: 'tool_unknown', tool });
    const { action, tier, scoped, mode = this.#mode } = rule;
    const call = { tool, action, tier, dataset: named(rule.dataset, args), args };
    return ok({ call, mode, scoped });
  }

  #reads(reads: McpReads | undefined, method: string, args: JsonObject): Operation {
    const tool = this.#named(method);
    const mode = this.#mode;
    if (!reads) return { kind: 'denied', why: { code: 'method_denied' }, tool, mode };
    const { tier } = reads;
    return described(
      () => {
        const dataset = named(reads.dataset, args);
        return ok({ call: { tool, action: 'read', tier, dataset, args }, mode });
      },
      { tool, mode },
    );
  }

  #lists(reads: McpReads | undefined, method: string): Operation {
    return reads
      ? { kind: 'session', needs: this.#named(method) }
      : { kind: 'denied', why: { code: 'method_denied' }, mode: this.#mode };
  }
}

const NAME_LENGTH_MAX = 128;

const WHY = {
  argument_unlisted: 'the catalogue does not list this argument',
  dataset_missing: 'this argument names the dataset and is missing',
  dataset_unmappable: 'this argument is not the name of a dataset',
} as const;

const invalid = (why: string, pointer?: string): Result<never, NotOffered> =>
  refuse({ code: 'arguments_invalid', why, ...(pointer !== undefined && { pointer }) });

/**
 * Whether a message brings a tool what the client answered to its questions: in a response, or in a
 * request that is sent again. A client may also send back state that it was given, and change it.
 */
const carriesAnswer = (message: McpMessage): boolean =>
  message.kind === 'response'
    ? message.hasContent
    : ANSWERS.some((name) => Object.hasOwn(message.params, name));

const ANSWERS = ['inputResponses', 'requestState'] as const;

/** A function that throws has met arguments that it was not written for, so the call is denied. */
function described(describe: () => Result<McpCall, NotOffered>, attempted: Attempted): Operation {
  let result: Result<McpCall, NotOffered>;
  try {
    result = describe();
  } catch {
    result = invalid('the server cannot say which dataset they name');
  }
  return result.ok
    ? { kind: 'call', ...result.value }
    : { kind: 'denied', why: result.error, ...attempted };
}

const named = (dataset: McpDataset, args: JsonObject): string[] =>
  [typeof dataset === 'function' ? dataset(args) : dataset].flat();
