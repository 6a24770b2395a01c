import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type { Forwarded } from '../call/transport.ts';
import { wholeAnswer } from './answer.ts';
import { carriedRevisions, REVISIONS } from './known-revisions.ts';
import type { Incoming, Method } from './methods/index.ts';
import { denialResponse } from './responses.ts';
import type { Route } from './route.ts';
import { readWhole, sendUpstream } from './upstream.ts';

const REVISION_NAME = /^[\w.-]{1,32}$/;
const UNSUPPORTED = -32_022;

/** Whether a method belongs to the revision that a message names; any, if it names none. */
export function isOfRevision({ revisions }: Method, headers: Headers): boolean {
  const named = headers.get('mcp-protocol-version');
  if (named === null) return true;
  const [first, last = named] = revisions;
  return named <= last && (named >= first || named < '2025-03-26');
}

/** Returns the revision that a message names and this gateway does not carry. */
export function unknownRevision({ headers }: Pick<Incoming, 'headers'>): string | undefined {
  const named = headers.get('mcp-protocol-version');
  return named === null || REVISIONS.includes(named) ? undefined : named;
}

/**
 * Answers a message of a revision that the gateway does not carry, and so cannot judge. Only the
 * server knows its revisions, so it gets a `server/discover` in place of the message, and its
 * refusal is passed on.
 */
export async function refuseRevision(
  { gateway, message }: Incoming,
  revision: string,
  route: Route,
): Promise<Forwarded> {
  const refused = (supported: readonly Json[]): Response =>
    denialResponse(
      { code: 'revision_unsupported', requested: revision.slice(0, 64), supported },
      { id: message.id },
    );
  if (!REVISION_NAME.test(revision)) {
    const outcome = { status: 400, result: 'protocol_error', bytes: 0, milliseconds: 0 } as const;
    return { response: refused(REVISIONS), outcome };
  }
  const method = 'server/discover';
  const params = {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': revision,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  const { upstream, caller } = route;
  const id = `hewn-${crypto.randomUUID()}`;
  const outgoing = { id, method, params, caller, version: revision };
  const answer = await readWhole(await sendUpstream(upstream, outgoing));
  const result = answer.message?.result;
  if (isJsonObject(result)) {
    const listed = Array.isArray(result.supportedVersions) ? result.supportedVersions : [];
    return { response: refused(carriedRevisions(listed)), outcome: answer.outcome };
  }
  const forwarding = { state: gateway, route, message, params, takesEvents: false };
  return wholeAnswer({ ...forwarding, rewrite: withCarriedRevisions }, answer);
}

/** Lists only revisions that the gateway carries in the refusal of a server. */
function withCarriedRevisions(answer: JsonObject): JsonObject {
  const { error } = answer;
  if (!isJsonObject(error) || error.code !== UNSUPPORTED || !isJsonObject(error.data)) {
    return answer;
  }
  const { supported } = error.data;
  if (!Array.isArray(supported)) return answer;
  const data = { ...error.data, supported: carriedRevisions(supported) };
  return { ...answer, error: { ...error, data } };
}
