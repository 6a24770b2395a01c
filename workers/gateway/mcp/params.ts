import * as v from 'valibot';
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';

/**
 * Which parameters of a message reach the server. A call's name and arguments are verified. Nothing
 * verifies the others, so a hijacked agent could smuggle data in them. For each method there is a
 * list of members, each with its form; everything else is left out.
 */

const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );

const revision = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/));

/** The name of an implementation, without its icons and links. */
const implementation = v.object({
  name: text(128),
  version: text(64),
  title: v.optional(text(128)),
});

/**
 * What a server may ask of a client: nothing, because requests of a server do not pass the gateway.
 */
const noCapabilities = v.pipe(
  v.custom<JsonObject>(isJsonObject),
  v.transform((): JsonObject => ({})),
);

type Members = Readonly<Record<string, v.GenericSchema<unknown, unknown>>>;

const META: Members = {
  progressToken: v.union([text(256), v.pipe(v.number(), v.safeInteger())]),
  'io.modelcontextprotocol/protocolVersion': revision,
  'io.modelcontextprotocol/clientInfo': implementation,
  'io.modelcontextprotocol/clientCapabilities': noCapabilities,
  // W3C Trace Context; `tracestate` and `baggage` are free text.
  traceparent: v.pipe(v.string(), v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
};

/** The messages without a tool that clients need, in the supported revisions of MCP. */
const PARAMS: Readonly<Record<string, Members>> = {
  // Until 2025-11-25:
  initialize: {
    protocolVersion: revision,
    capabilities: noCapabilities,
    clientInfo: implementation,
  },
  'notifications/initialized': {},
  // Its only member names a request. `cancelParams` replaces it with the id that the server knows.
  'notifications/cancelled': {},
  ping: {},
  // From 2026-07-28:
  'server/discover': {},
  'tools/list': { cursor: text(4_096) },
};

export const isSessionMethod = (method: string): boolean => Object.hasOwn(PARAMS, method);

/** Returns the parameters of a message without a tool, as they are forwarded. */
export function sessionParams(method: string, params: JsonObject | undefined) {
  const members = PARAMS[method];
  if (!members) throw new Error(`no parameters are listed for the method ${method}`);
  return params && { ...listed(params, members), ...metaOf(params) };
}

/** Returns the parameters of a verified call, as they are forwarded. */
export const callParams = ({ name, arguments: args, ...rest }: JsonObject): JsonObject => ({
  ...(name !== undefined && { name }),
  ...(args !== undefined && { arguments: args }),
  ...metaOf(rest),
});

function metaOf({ _meta: meta }: JsonObject): JsonObject {
  return isJsonObject(meta) ? { _meta: listed(meta, META) } : {};
}

/** Keeps the listed members that have their form. */
function listed(given: JsonObject, members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, schema]) => {
      if (!Object.hasOwn(given, name)) return [];
      const parsed = v.safeParse(schema, given[name]);
      return parsed.success ? [[name, parsed.output as Json]] : [];
    }),
  );
}
