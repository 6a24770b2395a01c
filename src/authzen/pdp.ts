import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { readJsonBody } from '../json-body.ts';
import { having } from '../option-values.ts';
import {
  anything,
  callable,
  expecting,
  integerFrom,
  type Members,
  object,
  optional,
  readOptions,
} from '../options.ts';
import { type Report, reportTo } from '../report.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Protection } from '../verifier/index.ts';
import { thenSettle } from '../verifier/protect/index.ts';
import {
  type AuthzenCaller,
  type AuthzenRight,
  type IdentifyCaller,
  readCallers,
} from './callers.ts';
import type { AuthzenEntity } from './entities.ts';
import { evaluation, evaluations } from './evaluations.ts';
import { type AuthzenMapping, readMapping } from './mapping.ts';
import { type CandidatesOf, type Searcher, search } from './search.ts';

/** Returns the capability of a subject that a question names without one. */
export type CapabilityOf = (
  subject: AuthzenEntity,
) => Promise<string | undefined> | string | undefined;

/** The options of `createPdp`. */
export interface PdpOptions {
  /** The URL of this decision point, without a query. Its endpoints are below it. */
  readonly url: string;
  /** Decides and records: the result of `protect` for the audience of the capabilities. */
  readonly protection: Protection;
  readonly mapping: AuthzenMapping;
  /** The callers that may ask. An open decision point would tell strangers who may do what. */
  readonly callers: readonly AuthzenCaller[] | IdentifyCaller;
  /**
   * Called for a subject whose properties have no `capability`. Without it, the decision on such a
   * question is `false`.
   */
  readonly capability?: CapabilityOf;
  /** Supplies the candidates of searches, instead of the `entities` of the mapping. */
  readonly candidates?: {
    readonly subjects?: CandidatesOf;
    readonly resources?: CandidatesOf;
  };
  /** The maximum size of a request body. 256 KiB by default. */
  readonly bodyBytesMax?: number;
  /** Receives failures of the server's own functions. Defaults to the console. */
  readonly report?: Report;
}

/** A policy decision point. Made by `createPdp`. */
export interface Pdp {
  /**
   * Answers a request to one of its endpoints, or 404. Never rejects. A Worker's context among the
   * other arguments keeps the work after the response alive.
   */
  fetch(request: Request, ...rest: readonly unknown[]): Promise<Response>;
  /** What it answers at its well-known URL (AuthZEN 1.0, section 9). */
  readonly metadata: JsonObject;
}

const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);

const pdpUrl = expecting('an https URL without a query or a fragment', (value) => {
  if (typeof value !== 'string' || !URL.canParse(value) || /[?#]/.test(value)) return false;
  const url = new URL(value);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
});

const OPTIONS: Members<PdpOptions> = {
  url: pdpUrl,
  protection: having('decide'),
  mapping: object,
  // `readCallers` checks them.
  callers: anything,
  capability: optional(callable),
  candidates: optional(object),
  bodyBytesMax: optional(integerFrom(1)),
  report: optional(callable),
};
const CANDIDATES: Members<NonNullable<PdpOptions['candidates']>> = {
  subjects: optional(callable),
  resources: optional(callable),
};

const BODY_BYTES_MAX = 256 * 1024; // A batch of a hundred questions with a capability each is 1 MB.
const WELL_KNOWN = '/.well-known/authzen-configuration';
const METADATA_SECONDS = 3_600; // Endpoints change with a deployment.

type Answer = Result<object, string>;

interface Endpoint {
  readonly path: string;
  readonly parameter: string;
  readonly right: AuthzenRight;
  readonly answer: (searcher: Searcher, request: JsonObject) => Promise<Answer>;
}

/** AuthZEN 1.0, section 10.1: the default paths, and their names in the metadata. */
const ENDPOINTS: readonly Endpoint[] = [
  {
    path: '/access/v1/evaluation',
    parameter: 'access_evaluation_endpoint',
    right: 'evaluate',
    answer: evaluation,
  },
  {
    path: '/access/v1/evaluations',
    parameter: 'access_evaluations_endpoint',
    right: 'evaluate',
    answer: evaluations,
  },
  ...(['subject', 'resource', 'action'] as const).map(
    (searched): Endpoint => ({
      path: `/access/v1/search/${searched}`,
      parameter: `search_${searched}_endpoint`,
      right: 'search',
      answer: (searcher, request) => search(searcher, searched, request),
    }),
  ),
];

/**
 * Creates a policy decision point of AuthZEN 1.0. A question is decided as the call that the
 * mapping makes of it, by the capability of its subject: from the question (`subject.properties`
 * with `capability`, and `proof` for one that is bound to a key), or from `capability`. Throws a
 * TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { createPdp } from 'hewn/authzen';
 * import { protect } from 'hewn/verifier';
 *
 * const pdp = createPdp({
 *   url: 'https://pdp.example',
 *   protection: protect({ issuer, audience, feedKey }),
 *   callers: [{ name: 'api-gateway', sha256: 'a1'.repeat(32) }],
 *   mapping: {
 *     subjects: { user: { is: 'subject', prefix: 'https://idp.example#' } },
 *     resources: {
 *       record: {
 *         dataset: 'records/{resource.id}',
 *         actions: { read: { tool: 'records.read', action: 'read', tier: 1 } },
 *       },
 *     },
 *   },
 * });
 * const response = await pdp.fetch(new Request('https://pdp.example/access/v1/evaluation'));
 * console.log(response.status); // 401: who asks?
 * ```
 */
export function createPdp(given: PdpOptions): Pdp {
  const options = readOptions(given, 'createPdp', OPTIONS);
  const { protection, capability, candidates = {}, report } = options;
  const mapping = readMapping(options.mapping);
  const identify = readCallers(options.callers);
  readOptions(candidates, 'createPdp: candidates', CANDIDATES);
  const base = new URL(options.url);
  const root = base.pathname.replace(/\/$/, '');
  const identifier = options.url;
  const metadata = metadataOf(identifier, identifier.replace(/\/$/, ''));
  const searcher: Searcher = {
    mapping,
    protection,
    candidates,
    capabilityOf: async (subject) => capability?.(subject),
  };
  const bodyBytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX;

  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === `${WELL_KNOWN}${root}`) return answerMetadata(request, metadata);
    const endpoint = ENDPOINTS.find(({ path }) => pathname === `${root}${path}`);
    if (!endpoint) return failure(404, 'There is no such endpoint.');
    const rights = await identify(request);
    if (!rights) return failure(401, 'The caller is not authenticated.', CHALLENGE(base));
    if (!rights.includes(endpoint.right)) return failure(403, 'The caller may not do this.');
    if (request.method !== 'POST') return failure(405, 'Send a POST.', { allow: 'POST' });
    const body = await readRequest(request, bodyBytesMax);
    if (!body.ok) return failure(400, body.error);
    const answered = await endpoint.answer(searcher, body.value);
    if (!answered.ok) return failure(400, answered.error);
    return Response.json(answered.value, { headers: { 'cache-control': 'no-store' } });
  };

  const respond = async (request: Request): Promise<Response> => {
    const response = await answer(request).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : typeof error;
      reportTo(report, 'authzen.failed', { error: name });
      return failure(500, 'The request could not be decided.');
    });
    const id = request.headers.get('x-request-id');
    if (id !== null) response.headers.set('x-request-id', id);
    return response;
  };

  return {
    metadata,
    fetch: (request, ...rest) => thenSettle(respond(request), protection.afterResponse, rest),
  };
}

const CHALLENGE = ({ host }: URL) => ({ 'www-authenticate': `Bearer realm="${host}"` });

const metadataOf = (identifier: string, start: string): JsonObject => ({
  policy_decision_point: identifier,
  ...Object.fromEntries(ENDPOINTS.map(({ parameter, path }) => [parameter, `${start}${path}`])),
});

function answerMetadata({ method }: Request, metadata: JsonObject): Response {
  if (method !== 'GET') return failure(405, 'Send a GET.', { allow: 'GET' });
  return Response.json(metadata, {
    headers: { 'cache-control': `public, max-age=${METADATA_SECONDS}` },
  });
}

/** A protocol error, which is no decision: the body is a message (section 10.1.2). */
const failure = (status: number, message: string, headers: Record<string, string> = {}): Response =>
  new Response(message, {
    status,
    headers: {
      ...headers,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    },
  });

/** Nothing of a stranger is read: the caller is known before. */
async function readRequest(
  request: Request,
  bytesMax: number,
): Promise<Result<JsonObject, string>> {
  if (!/^application\/json *(?:;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return refuse('The Content-Type is not application/json.');
  }
  const body = await readJsonBody(request, bytesMax);
  if (!body.ok) return refuse(`The body is not accepted: ${body.error.code}.`);
  if (!isJsonObject(body.value ?? null)) return refuse('The body is not a JSON object.');
  return ok(body.value as JsonObject);
}
