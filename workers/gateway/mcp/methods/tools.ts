import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { type DescribedCall, describeCall, tools } from '../../../../src/catalogue/index.ts';
import { type Result, refuse } from '../../../../src/result.ts';
import type { NotForwarded } from '../../call/transport.ts';
import { repeatsBody } from '../headers.ts';
import {
  mismatchedParameter,
  type ParameterHeaders,
  parameterHeaders,
} from '../parameter-headers.ts';
import { allowedRequests, callParams, cursor, listedParams } from '../params.ts';
import { describedBy } from './describe.ts';
import type { AnswerContext, Incoming, Method } from './method.ts';

/** The methods that list and call tools. */
export const TOOLS = {
  'tools/call': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Described by the catalogue, verified, charged and recorded.',
    describe: describeToolCall,
    params: (incoming) => callParams(incoming.message.params ?? {}, allowedRequests(incoming)),
    repeated: (incoming) => parameterHeaders(headersOf(incoming), argsOf(incoming)),
  },
  'tools/list': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Shows only the tools that the token can use.',
    needsCatalogue: true,
    params: listedParams({ cursor }),
    rewrite: usableTools,
  },
} as const satisfies Readonly<Record<string, Method>>;

const describeByCatalogue = describedBy(['name', 'arguments'], (params, { server }) => {
  const { name, arguments: args = {} } = params;
  if (typeof name !== 'string') return { why: 'a call without the name of a tool' };
  if (!isJsonObject(args)) return { why: 'arguments that are not an object', named: name };
  return {
    named: name,
    in: (catalogue) => describeCall(catalogue, `mcp/${server}/${name}`, args),
  };
});

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

const argsOf = ({ message }: Incoming): JsonObject => {
  const args = message.params?.arguments;
  return isJsonObject(args) ? args : {};
};

const headersOf = ({ judging, server, message }: Incoming): ParameterHeaders =>
  judging.catalogue?.get(`mcp/${server}/${String(message.params?.name)}`)?.parameterHeaders ?? {};

/** Leaves only the tools that the token can use: an agent is not tempted by the others. */
function usableTools(answer: JsonObject, { incoming, canUse }: AnswerContext): JsonObject {
  const { server, judging } = incoming;
  const { result } = answer;
  if (!isJsonObject(result) || !Array.isArray(result.tools)) return answer;
  const usable = new Set(
    tools(judging.catalogue ?? new Map())
      .filter(({ name, action }) => canUse(name, action))
      .map(({ name }) => name),
  );
  const listed = (result.tools as readonly unknown[]).filter(
    (tool) => isJsonObject(tool) && usable.has(`mcp/${server}/${String(tool.name)}`),
  );
  // The list depends on the token, so a cache must not share it between holders.
  const scope = 'cacheScope' in result ? { cacheScope: 'private' } : {};
  return { ...answer, result: { ...result, ...scope, tools: listed } as JsonObject };
}
