import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import {
  type CatalogueTool,
  type DescribedCall,
  describeCall,
  tools,
} from '../../../../src/catalogue/index.ts';
import { type Result, refuse } from '../../../../src/result.ts';
import type { NotForwarded } from '../../call/transport.ts';
import { callParams, listedParams, text } from '../params.ts';
import type { AnswerContext, Incoming, Method } from './method.ts';

/** The methods that list and call tools. */
export const TOOLS = {
  'tools/call': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Described by the catalogue, verified, charged and recorded.',
    describe: describeToolCall,
    params: ({ message }) => callParams(message.params ?? {}),
  },
  'tools/list': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Shows only the tools that the token can use.',
    needsCatalogue: true,
    params: listedParams({ cursor: text(4_096) }),
    rewrite: usableTools,
  },
} as const satisfies Readonly<Record<string, Method>>;

/** Says which call a `tools/call` is, in the terms of the catalogue. */
function describeToolCall({
  judging,
  server,
  message,
}: Incoming): Result<DescribedCall, NotForwarded> {
  const { name, arguments: args = {}, ...rest } = message.params ?? {};
  const tool = `mcp/${server}/${typeof name === 'string' ? name.slice(0, 128) : ''}`;
  const malformed = (why: string) =>
    refuse({ denial: { code: 'message_malformed', why }, tool } as const);
  if (typeof name !== 'string') return malformed('a call without the name of a tool');
  if (!isJsonObject(args)) return malformed('arguments that are not an object');
  if (message.id === undefined) return malformed('a call without an id');
  const unknown = Object.keys(rest).find((member) => member !== '_meta');
  if (unknown !== undefined) return malformed('a member that a call does not have');
  const { catalogue, isCurrent } = judging;
  const described = catalogue && describeCall(catalogue, tool, args);
  // An earlier catalogue judges reads only. What it does not know may be a read of the new one.
  if (!described || (!isCurrent && !(described.ok && isRead(described.value)))) {
    return refuse({ denial: { code: 'catalogue_unavailable' }, tool });
  }
  return described.ok ? described : refuse({ denial: described.error, tool });
}

const isRead = ({ action, tier }: Pick<CatalogueTool, 'action' | 'tier'>): boolean =>
  action === 'read' && tier < 2;

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
