import * as v from 'valibot';
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';

/**
 * What of a message goes on to the server beside a call's name and arguments, which are judged.
 * Nothing judges the rest, so a hijacked agent could say whatever it likes in it: of each method a
 * list passes, each member in its form, and all else is left out.
 */

const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );

const revision = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/));

/** Of an implementation what names it; its icons and links are nobody's business. */
const implementation = v.object({
  name: text(128),
  version: text(64),
  title: v.optional(text(128)),
});

/**
 * What a client can be asked for by the server. Requests of a server do not pass the gateway, so
 * the client behind it can do nothing of it.
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

/** Messages that use no tool and that a client cannot do without, in the revisions spoken. */
const PARAMS: Readonly<Record<string, Members>> = {
  // Until 2025-11-25:
  initialize: {
    protocolVersion: revision,
    capabilities: noCapabilities,
    clientInfo: implementation,
  },
  'notifications/initialized': {},
  // Its one member names a request, and is written anew by whoever knows the id upstream.
  'notifications/cancelled': {},
  ping: {},
  // From 2026-07-28:
  'server/discover': {},
  'tools/list': { cursor: text(4_096) },
};

export const isSessionMethod = (method: string): boolean => Object.hasOwn(PARAMS, method);

/** The parameters of a message that uses no tool, as they go on. */
export function sessionParams(method: string, params: JsonObject | undefined) {
  const members = PARAMS[method];
  if (!members) throw new Error('a message passes whose parameters nobody listed');
  return params && { ...passing(params, members), ...metaOf(params) };
}

/** The parameters of a call, which was judged by its name and arguments. */
export const callParams = ({ name, arguments: args, ...rest }: JsonObject): JsonObject => ({
  ...(name !== undefined && { name }),
  ...(args !== undefined && { arguments: args }),
  ...metaOf(rest),
});

function metaOf({ _meta: meta }: JsonObject): JsonObject {
  return isJsonObject(meta) ? { _meta: passing(meta, META) } : {};
}

function passing(given: JsonObject, members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, schema]) => {
      if (!Object.hasOwn(given, name)) return [];
      const parsed = v.safeParse(schema, given[name]);
      return parsed.success ? [[name, parsed.output as Json]] : [];
    }),
  );
}
