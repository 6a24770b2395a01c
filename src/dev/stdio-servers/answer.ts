import type { Child, Reply } from './child.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** The stateless revision. Only its requests name their version. */
const STATELESS = '2026-07-28';
const META = 'io.modelcontextprotocol';
/** Revisions with a handshake that it agrees to. */
const WITH_HANDSHAKE = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];

/** The results that the stateless revision wants to know a lifetime of. */
const CACHEABLE = ['tools/list', 'prompts/list', 'resources/list', 'resources/read'];

const refused = (code: number, message: string): Reply => ({ error: { code, message } });

/**
 * Answers one request of either revision by a server that speaks a revision with a handshake. The
 * handshake itself was done once, so it is answered from what the server said then.
 */
export async function answerRequest(
  child: Child,
  request: { readonly method: string; readonly params?: unknown },
): Promise<Reply> {
  const { method, params } = request;
  const { hello } = child;
  const { [`${META}/protocolVersion`]: version, ...meta } = metaOf(params);
  if (version === undefined) {
    if (method === 'initialize') return { result: greet(hello, params) };
    if (method === 'ping') return { result: {} };
    return method === 'server/discover'
      ? refused(-32_601, 'not supported')
      : child.request(method, params);
  }
  if (method === 'server/discover') return { result: discovered(hello) };
  const own = Object.entries(meta).filter(([name]) => !name.startsWith(`${META}/client`));
  const { _meta: _, ...rest } = asObject(params);
  const passed = own.length > 0 ? { ...rest, _meta: Object.fromEntries(own) } : rest;
  const reply = await child.request(method, passed);
  if (!('result' in reply)) return reply;
  const lifetime = CACHEABLE.includes(method) ? { ttlMs: 0, cacheScope: 'private' } : {};
  return {
    result: {
      ...lifetime,
      ...reply.result,
      resultType: reply.result.resultType ?? 'complete',
      _meta: { ...asObject(reply.result._meta), [`${META}/serverInfo`]: hello.serverInfo },
    },
  };
}

/** No state is kept between requests, so nothing that needs a stream to the client is offered. */
function offered(hello: JsonObject): JsonObject {
  const capabilities = asObject(hello.capabilities);
  const names = ['tools', 'resources', 'prompts', 'completions'];
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(capabilities, name)).map((name) => [name, {}]),
  );
}

const instructionsOf = ({ instructions }: JsonObject): JsonObject =>
  instructions === undefined ? {} : { instructions };

function greet(hello: JsonObject, params: unknown): JsonObject {
  const asked = asObject(params).protocolVersion;
  const isKnown = typeof asked === 'string' && WITH_HANDSHAKE.includes(asked);
  return {
    protocolVersion: isKnown ? asked : WITH_HANDSHAKE.at(-1),
    capabilities: offered(hello),
    serverInfo: hello.serverInfo,
    ...instructionsOf(hello),
  };
}

const discovered = (hello: JsonObject): JsonObject => ({
  supportedVersions: [STATELESS],
  capabilities: offered(hello),
  ...instructionsOf(hello),
  resultType: 'complete',
  ttlMs: 0,
  cacheScope: 'private',
  _meta: { [`${META}/serverInfo`]: hello.serverInfo },
});

const asObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const metaOf = (params: unknown): JsonObject => asObject(asObject(params)._meta);
