import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import {
  type Catalogue,
  type CatalogueTool,
  type DescribedCall,
  describeCall,
} from '../../../../src/catalogue/index.ts';
import { type Result, refuse } from '../../../../src/result.ts';
import { shownTool } from '../../../../src/tool-schema/index.ts';
import type { NotForwarded } from '../../call/transport.ts';
import { repeatsBody } from '../headers.ts';
import {
  mismatchedParameter,
  type ParameterHeaders,
  parameterHeaders,
} from '../parameter-headers.ts';
import { allowedRequests, callParams, cursor, listedParams } from '../params.ts';
import { describedBy, ROUND_MEMBERS } from './describe.ts';
import { usableOnly } from './list.ts';
import type { Incoming, Method } from './method.ts';

/** The methods that list and call tools. */
export const TOOLS = {
  'tools/call': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Described by the catalogue, verified, charged and recorded.',
    describe: describeToolCall,
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
    rewrite: usableOnly('tools', toolOf, shownTool),
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

const argsOf = ({ message }: Incoming): JsonObject => {
  const args = message.params?.arguments;
  return isJsonObject(args) ? args : {};
};

const headersOf = ({ judging, server, message }: Incoming): ParameterHeaders =>
  judging.catalogue?.get(`mcp/${server}/${String(message.params?.name)}`)?.parameterHeaders ?? {};

/** A resource or a prompt has an entry of a name that no tool can have. */
function toolOf(
  { catalogue, server }: { readonly catalogue: Catalogue; readonly server: string },
  { name }: JsonObject,
): CatalogueTool | undefined {
  const tool = typeof name === 'string' ? catalogue.get(`mcp/${server}/${name}`) : undefined;
  return tool?.resource === undefined && tool?.prompt === undefined ? tool : undefined;
}
