import * as v from 'valibot';
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type { ServerRequest } from '../../../src/upstream/index.ts';
import type { Upstreams } from '../upstream/index.ts';
import { forwardedCapabilities } from './capabilities.ts';
import { REVISIONS } from './known-revisions.ts';
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

export type Members = Readonly<Record<string, v.GenericSchema<unknown, unknown>>>;

const META: Members = {
  progressToken: v.union([text(256), v.pipe(v.number(), v.safeInteger())]),
  // In a body whose headers name none, too: the gateway cannot judge a message of any other.
  'io.modelcontextprotocol/protocolVersion': v.pipe(
    revision,
    v.check((named) => REVISIONS.includes(named)),
  ),
  'io.modelcontextprotocol/clientInfo': implementation,
  'io.modelcontextprotocol/logLevel': logLevel,
  // W3C Trace Context; `tracestate` and `baggage` are free text.
  traceparent: v.pipe(v.string(), v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
};

/** The part of an incoming message that its parameters depend on. */
export interface Parametrised {
  readonly message: McpMessage;
  readonly server: string;
  readonly gateway: { readonly upstreams: Upstreams };
}

/** What the server of a message may ask of the client. */
export const allowedRequests = ({ gateway, server }: Parametrised): readonly ServerRequest[] =>
  gateway.upstreams.get(server)?.serverRequests ?? [];

/** Returns the function that keeps the listed members of a message without a tool. */
export const listedParams =
  (members: Members) =>
  (incoming: Parametrised): JsonObject | undefined => {
    const { params } = incoming.message;
    return params && { ...listed(params, members), ...metaOf(params, allowedRequests(incoming)) };
  };

/** Returns the parameters of a verified call, as they are forwarded. */
export const callParams = (
  { name, arguments: args, ...rest }: JsonObject,
  allowed: readonly ServerRequest[] = [],
): JsonObject => ({
  ...(name !== undefined && { name }),
  ...(args !== undefined && { arguments: args }),
  ...metaOf(rest, allowed),
});

/** Returns these members of a verified call, as they are, with the listed `_meta`. */
export function withMeta(
  params: JsonObject = {},
  members: readonly string[],
  allowed: readonly ServerRequest[] = [],
): JsonObject {
  const kept = Object.entries(params).filter(([name]) => members.includes(name));
  return { ...Object.fromEntries(kept), ...metaOf(params, allowed) };
}

function metaOf({ _meta: meta }: JsonObject, allowed: readonly ServerRequest[]): JsonObject {
  if (!isJsonObject(meta)) return {};
  const capabilities = meta[CLIENT_CAPABILITIES];
  const kept = listed(meta, META);
  if (!isJsonObject(capabilities)) return { _meta: kept };
  return {
    _meta: { ...kept, [CLIENT_CAPABILITIES]: forwardedCapabilities(capabilities, allowed) },
  };
}

const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

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
