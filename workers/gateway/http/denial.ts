import type { JsonObject } from '../../../src/canonical-json.ts';
import { GATEWAY_DENIALS, UPSTREAM_FAILURES } from '../../../src/denials/index.ts';
import { historyRefusalOf } from '../../../src/history/index.ts';
import { challenge, scopeParameter, toWire } from '../../../src/verifier/index.ts';
import { aboutHistory } from '../call/about-history.ts';
import { type GatewayDenial, isGatewayDenial } from '../call/denial.ts';
import type { DenialContext } from '../call/transport.ts';
import type { UpstreamFailure } from '../call/upstream-failure.ts';

const REALM = 'hewn';

/**
 * Returns a denial in the form in which a verifier in front of a Fetch handler answers: the code
 * and what to ask the issuer for as JSON, and the challenge of a 401 or 403 in its header.
 */
export function denialResponse(denial: GatewayDenial, context: DenialContext = {}): Response {
  const { scheme, needed, approval, gap } = context;
  const { code } = denial;
  const { status, error, message, about } = isGatewayDenial(denial)
    ? { ...GATEWAY_DENIALS[denial.code], about: aboutOf(denial) }
    : toWire(denial);
  const headers = plainHeaders('http_request_denied', code);
  const authenticate = challenge({ status, error, message, code }, REALM, scheme);
  const scope = needed && scopeParameter(needed);
  if (authenticate !== undefined) {
    const challenges = scope === undefined ? [authenticate] : [authenticate, scope];
    headers.set('www-authenticate', challenges.join(', '));
  }
  if (status === 503) headers.set('retry-after', '1');
  if (denial.code === 'rate_limited') {
    headers.set('retry-after', String(denial.retryAfterSeconds));
  }
  if (denial.code === 'route_method_unlisted') headers.set('allow', denial.methods.join(', '));
  const body = {
    error,
    code,
    message,
    ...about,
    ...(needed && { authorization_details: needed }),
    ...(approval && { approval }),
    ...(gap && { catalogue: gap }),
  };
  return Response.json(body, { status, headers });
}

/** Repeats the place of a fault and one of our own texts about it, and nothing of the request. */
function aboutOf(denial: GatewayDenial): JsonObject {
  const refusal = historyRefusalOf(denial);
  if (refusal) return aboutHistory(refusal);
  const { pointer, why } = denial as { readonly pointer?: string; readonly why?: string };
  return {
    ...(pointer !== undefined && { argument: pointer.slice(0, 512).toWellFormed() }),
    ...(why !== undefined && { why }),
  };
}

/** Returns a failure of the API as a response. Nothing that the API wrote is in it. */
export function failureResponse(failure: UpstreamFailure): Response {
  const { code, status, retryAfter } = failure;
  const { effect, message } = UPSTREAM_FAILURES[code];
  const headers = plainHeaders('http_protocol_error', code);
  if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
  return Response.json({ error: 'upstream', code, message, effect }, { status, headers });
}

/** `Proxy-Status` (RFC 9209) tells an answer of the gateway from one of the API. */
const plainHeaders = (error: string, code: string): Headers =>
  new Headers({
    'cache-control': 'no-store',
    'proxy-status': `hewn; error=${error}; details="${code}"`,
  });
