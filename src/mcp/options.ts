import type { JsonObject } from '../canonical-json.ts';
import { type Action, isAction } from '../capability/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import {
  type Check,
  expecting,
  flag,
  type Members,
  oneOf,
  optional,
  optionsFault,
  readOptions,
} from '../options.ts';
import type { RouteMode, Tier } from '../verifier/index.ts';

/** What a call touches: a dataset, several, or a function of its arguments. */
export type McpDataset =
  | string
  | readonly string[]
  | ((args: JsonObject) => string | readonly string[]);

/** What one tool of the server does. */
export interface McpTool {
  readonly action: Action;
  /** How fresh the feed must be, by how much damage a call can do: see `TIERS`. */
  readonly tier: Tier;
  readonly dataset: McpDataset;
  /** `enforce` by default. */
  readonly mode?: RouteMode;
  /**
   * The tool reads as much of `dataset` as the token allows, which it learns from `scopeOf`: a
   * search. It cannot observe.
   */
  readonly scoped?: boolean;
}

/** How resources or prompts are read. */
export interface McpReads {
  readonly tier: Tier;
  /** What is read, by `uri` of a resource, or by `name` and `arguments` of a prompt. */
  readonly dataset: McpDataset;
}

/** The options of `protectMcp`. */
export interface McpOptions {
  /** Names this server in policies and grants: its tool `add` is `mcp/<server>/add` there. */
  readonly server: string;
  /** The tools, by the name that clients call. Any other tool is denied. */
  readonly tools?: Readonly<Record<string, McpTool>>;
  /** Instead of `tools`: a catalogue, whose tools `mcp/<server>/…` are those of this server. */
  readonly catalogue?: Catalogue;
  /** Without it, resources are denied. Reading one is a call of `mcp/<server>/resources/read`. */
  readonly resources?: McpReads;
  /** Without it, prompts are denied. Getting one is a call of `mcp/<server>/prompts/get`. */
  readonly prompts?: McpReads;
  /** `enforce` by default. `observe` decides and records, and blocks only what is stopped. */
  readonly mode?: RouteMode;
  /**
   * What happens to answers of a client to the questions of a tool, such as an elicitation or
   * `inputResponses`. They come from the agent and no decision sees them, so they are denied by
   * default. `unjudged` lets them pass: a tool must then not choose by them what it touches.
   */
  readonly answers?: 'deny' | 'unjudged';
}

const MODE = oneOf(['enforce', 'observe']);
const TIER = oneOf([0, 1, 2, 3]);

const dataset = expecting(
  'a dataset, a list of datasets, or a function',
  (value) =>
    typeof value === 'function' ||
    typeof value === 'string' ||
    (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')),
);

const TOOL: Members<McpTool> = {
  action: expecting('read, write, delete or execute', isAction),
  tier: TIER,
  dataset,
  mode: optional(MODE),
  scoped: optional(flag),
};
const READS: Members<McpReads> = { tier: TIER, dataset };

const reads: Check = (value) => {
  const fault = optionsFault(value, 'there', READS);
  return fault && `an object. ${fault}`;
};

const tools: Check = (value) => {
  if (typeof value !== 'object' || value === null) return 'an object of tools';
  for (const [name, tool] of Object.entries(value)) {
    const fault = optionsFault(tool, name, TOOL);
    if (fault !== undefined) return `an object of tools. ${fault}`;
  }
  return undefined;
};

const OPTIONS: Members<McpOptions> = {
  server: expecting(
    'a name of letters, digits, ".", "_" and "-"',
    (value) => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value),
  ),
  tools: optional(tools),
  catalogue: optional(
    expecting('a catalogue from parseCatalogue', (value) => value instanceof Map),
  ),
  resources: optional(reads),
  prompts: optional(reads),
  mode: optional(MODE),
  answers: optional(oneOf(['deny', 'unjudged'])),
};

/** Returns the options. Throws a TypeError for a member that it does not know or cannot use. */
export function readMcpOptions(options: McpOptions): McpOptions {
  const given = readOptions(options, 'protectMcp', OPTIONS);
  if ((given.tools === undefined) === (given.catalogue === undefined)) {
    throw new TypeError('protectMcp: give either `tools` or `catalogue`');
  }
  for (const [name, { scoped, mode = given.mode }] of Object.entries(given.tools ?? {})) {
    if (scoped && mode === 'observe') {
      throw new TypeError(`protectMcp: the tool ${name} is scoped, and cannot observe`);
    }
  }
  return given;
}
