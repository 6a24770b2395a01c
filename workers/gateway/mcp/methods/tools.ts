import { isJsonObject, type Json, type JsonObject } from '../../../../src/canonical-json.ts';
import {
  type Catalogue,
  type CatalogueTool,
  type DescribedCall,
  describeCall,
} from '../../../../src/catalogue/index.ts';
import {
  mismatchedParameter,
  type ParameterHeaders,
  parameterHeaders,
  repeatsBody,
} from '../../../../src/mcp-headers/index.ts';
import { type Result, refuse } from '../../../../src/result.ts';
import { shownTool } from '../../../../src/tool-schema/index.ts';
import type { GatewayDenial } from '../../call/denial.ts';
import type { NotForwarded } from '../../call/transport.ts';
import { allowedRequests, callParams, cursor, listedParams } from '../params.ts';
import type { Route } from '../route.ts';
import { boundedAnswer } from '../tools/bounded-answer.ts';
import { describedBy, ROUND_MEMBERS } from './describe.ts';
import { usableOnly } from './list.ts';
import type { AnswerContext, Incoming, Method } from './method.ts';

/** The methods that list and call tools. */
export const TOOLS = {
  'tools/call': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Described by the catalogue, verified, charged and recorded.',
    describe: describeToolCall,
    admits: isPinned,
    rewrite: asAllowed,
    hasRounds: true,
    params: (incoming) => {
      const { params = {} } = incoming.message;
      return { ...callParams(params, allowedRequests(incoming)), ...taskOf(params) };
    },
    repeated: (incoming) => parameterHeaders(headersOf(incoming), argsOf(incoming)),
  },
  'tools/list': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Shows only the tools that the token can use.',
    needsCatalogue: true,
    params: listedParams({ cursor }),
    rewrite: shownTools,
  },
} as const satisfies Readonly<Record<string, Method>>;

const describeByCatalogue = describedBy(
  ['name', 'arguments', 'task', ...ROUND_MEMBERS],
  (params, { server }) => {
    const { name, arguments: args = {} } = params;
    if (typeof name !== 'string') return { why: 'a call without the name of a tool' };
    if (!isJsonObject(args)) return { why: 'arguments that are not an object', named: name };
    return {
      named: name,
      in: (catalogue) => describeCall(catalogue, `mcp/${server}/${name}`, args),
    };
  },
);

/** Says which call a `tools/call` is, if its headers repeat the arguments that it has. */
function describeToolCall(incoming: Incoming): Result<DescribedCall, NotForwarded> {
  const described = describeByCatalogue(incoming);
  if (!described.ok) return described;
  const { headers } = incoming;
  const isRequired = repeatsBody(headers);
  const header = mismatchedParameter(headers, headersOf(incoming), argsOf(incoming), isRequired);
  if (header === undefined) return described;
  return refuse({ denial: { code: 'header_mismatch', header }, tool: described.value.tool });
}

/** 2025-11-25: asks for a task instead of an answer. */
function taskOf({ task }: JsonObject): JsonObject {
  if (!isJsonObject(task)) return {};
  const { ttl } = task;
  return { task: Number.isSafeInteger(ttl) ? { ttl: ttl as number } : {} };
}

/** Returns the entry of the tool that a message calls. */
const entryOf = ({ judging, server, message }: Incoming): CatalogueTool | undefined =>
  judging.catalogue?.get(`mcp/${server}/${String(message.params?.name)}`);

const headersOf = (incoming: Incoming): ParameterHeaders =>
  entryOf(incoming)?.parameterHeaders ?? {};

const argsOf = ({ message }: Incoming): JsonObject => {
  const args = message.params?.arguments;
  return isJsonObject(args) ? args : {};
};

/** A resource or a prompt has an entry of a name that no tool can have. */
function toolOf(
  { catalogue, server }: { readonly catalogue: Catalogue; readonly server: string },
  { name }: JsonObject,
): CatalogueTool | undefined {
  const tool = typeof name === 'string' ? catalogue.get(`mcp/${server}/${name}`) : undefined;
  return tool?.resource === undefined && tool?.prompt === undefined ? tool : undefined;
}

/** A tool whose definition is pinned must be defined in the same way by its server. */
async function isPinned(incoming: Incoming, route: Route): Promise<GatewayDenial | undefined> {
  const { gateway, judging } = incoming;
  const tool = entryOf(incoming);
  if (tool?.definition === undefined || !judging.catalogue) return undefined;
  const pinned = await gateway.definitions.check(route, tool.name, judging.catalogue);
  if (pinned === 'same') return undefined;
  return { code: pinned === 'changed' ? 'definition_changed' : 'definition_unavailable' };
}

/** Withholds an answer that is not what the catalogue allows. */
function asAllowed(answer: JsonObject, { incoming }: AnswerContext): JsonObject {
  const tool = entryOf(incoming);
  return tool?.answer ? boundedAnswer(answer, tool.name, tool.answer) : answer;
}

/**
 * Leaves only the tools that the token can use, and that are defined as the catalogue pins them,
 * with the arguments that the token allows.
 */
async function shownTools(answer: JsonObject, context: AnswerContext): Promise<JsonObject> {
  const { gateway, server, judging } = context.incoming;
  const { result } = answer;
  const listed = isJsonObject(result) && Array.isArray(result.tools) ? result.tools : [];
  const catalogue = judging.catalogue ?? new Map();
  const hidden = await gateway.definitions.learn(server, listed as readonly Json[], catalogue);
  return usableOnly('tools', toolOf, (definition, tool, capability) => {
    if (hidden.has(String(definition.name))) return undefined;
    const shown = shownTool(definition, tool, capability);
    const schema = tool.answer?.schema;
    // A client compares the answers with it.
    return shown && schema ? { ...shown, outputSchema: schema } : shown;
  })(answer, context);
}
