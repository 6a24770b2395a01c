import * as v from 'valibot';
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type { McpMessage } from './message.ts';

/**
 * Which parameters of a message reach the server. A call's name and arguments are verified. Nothing
 * verifies the others, so a hijacked agent could smuggle data in them. For each method there is a
 * list of members, each with its form; everything else is left out.
 */

export const text = (lengthMax: number) =>
  v.pipe(
    v.string(),
    v.maxLength(lengthMax),
    v.check((value) => value.isWellFormed()),
  );

/** A place in a list of the server, which only the server reads. */
export const cursor = text(4_096);

export const logLevel = v.picklist([
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]);

export const revision = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/));

/** The name of an implementation, without its icons and links. */
export const implementation = v.object({
  name: text(128),
  version: text(64),
  title: v.optional(text(128)),
});

/**
 * What a server may ask of a client: nothing, because requests of a server do not pass the gateway.
 */
export const clientCapabilities = v.pipe(
  v.custom<JsonObject>(isJsonObject),
  v.transform((): JsonObject => ({})),
);

export type Members = Readonly<Record<string, v.GenericSchema<unknown, unknown>>>;

const META: Members = {
  progressToken: v.union([text(256), v.pipe(v.number(), v.safeInteger())]),
  'io.modelcontextprotocol/protocolVersion': revision,
  'io.modelcontextprotocol/clientInfo': implementation,
  'io.modelcontextprotocol/clientCapabilities': clientCapabilities,
  // W3C Trace Context; `tracestate` and `baggage` are free text.
  traceparent: v.pipe(v.string(), v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
};

/** Returns the function that keeps the listed members of a message without a tool. */
export const listedParams =
  (members: Members) =>
  ({ message }: { readonly message: McpMessage }): JsonObject | undefined => {
    const { params } = message;
    return params && { ...listed(params, members), ...metaOf(params) };
  };

/** Returns the parameters of a verified call, as they are forwarded. */
export const callParams = ({ name, arguments: args, ...rest }: JsonObject): JsonObject => ({
  ...(name !== undefined && { name }),
  ...(args !== undefined && { arguments: args }),
  ...metaOf(rest),
});

/** Returns these members of a verified call, as they are, with the listed `_meta`. */
export function withMeta(params: JsonObject = {}, members: readonly string[]): JsonObject {
  const kept = Object.entries(params).filter(([name]) => members.includes(name));
  return { ...Object.fromEntries(kept), ...metaOf(params) };
}

function metaOf({ _meta: meta }: JsonObject): JsonObject {
  return isJsonObject(meta) ? { _meta: listed(meta, META) } : {};
}

/** Keeps the listed members that have their form. */
export function listed(given: JsonObject, members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, schema]) => {
      if (!Object.hasOwn(given, name)) return [];
      const parsed = v.safeParse(schema, given[name]);
      return parsed.success ? [[name, parsed.output as Json]] : [];
    }),
  );
}
