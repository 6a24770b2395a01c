import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { readClock } from '../../../src/clock.ts';
import type { ProviderSettings } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { IssuerConfig } from '../platform/config.ts';

/** Why a provider could not be asked. Its answer is never quoted: it may contain a token. */
export type ProviderFault = { readonly code: 'provider_unavailable'; readonly why: string };

/** What the discovery document of a provider says (OpenID Connect Discovery 1.0 section 3). */
export interface Discovered {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly isBasic: boolean;
  /** Whether the provider names itself in its answers (RFC 9207). */
  readonly namesItself: boolean;
}

const DOCUMENT_BYTES_MAX = 256 * 1024;
const ANSWER_MILLISECONDS_MAX = 5_000;
/** A moved endpoint is noticed within an hour. */
const DOCUMENT_MILLISECONDS_MAX = 3_600_000;

const isLoopback = (host: string): boolean =>
  /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(host);
const endpoint = v.pipe(
  v.string(),
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password || url.hash) return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  }),
);
const document = v.object({
  issuer: v.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  jwks_uri: endpoint,
  token_endpoint_auth_methods_supported: v.optional(v.array(v.string())),
  authorization_response_iss_parameter_supported: v.optional(v.boolean()),
});

interface Cached {
  readonly value: Discovered;
  readonly at: number;
}

// Values are shared between requests, and promises never. By configuration, then by name.
const isolate = new WeakMap<IssuerConfig, Map<string, Cached>>();

/** Returns the endpoints of a provider. */
export async function discover(
  config: IssuerConfig,
  name: string,
  { issuer }: ProviderSettings,
): Promise<Result<Discovered, ProviderFault>> {
  const known = isolate.get(config) ?? new Map<string, Cached>();
  isolate.set(config, known);
  const cached = known.get(name);
  const age = readClock() - (cached?.at ?? Number.NEGATIVE_INFINITY);
  if (cached && age >= 0 && age < DOCUMENT_MILLISECONDS_MAX) return ok(cached.value);
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const read = await askJson(url, { headers: { accept: 'application/json' } });
  if (!read.ok) return read;
  const parsed = v.safeParse(document, read.value);
  if (!parsed.success) return unavailable('its discovery document is malformed');
  const found = parsed.output;
  // Section 4.3: a document of another issuer would let that one sign people in.
  if (found.issuer !== issuer) return unavailable('its discovery document is that of another');
  const methods = found.token_endpoint_auth_methods_supported;
  const value = {
    authorizationEndpoint: found.authorization_endpoint,
    tokenEndpoint: found.token_endpoint,
    jwksUri: found.jwks_uri,
    isBasic: methods === undefined || methods.includes('client_secret_basic'),
    namesItself: found.authorization_response_iss_parameter_supported === true,
  };
  known.set(name, { value, at: readClock() });
  return ok(value);
}

export interface CodeExchange {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly secret: string | undefined;
}

/** Exchanges a code for the ID token of a person (OpenID Connect Core 1.0 section 3.1.3). */
export async function exchangeCode(
  { tokenEndpoint, isBasic }: Discovered,
  { code, verifier, redirectUri, clientId, secret }: CodeExchange,
): Promise<Result<string, ProviderFault>> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: clientId,
  });
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  if (secret !== undefined && isBasic) {
    // RFC 6749 section 2.3.1: both are form-encoded first.
    const pair = [clientId, secret].map((part) => new URLSearchParams({ '': part }).toString());
    headers.authorization = `Basic ${btoa(pair.map((part) => part.slice(1)).join(':'))}`;
  } else if (secret !== undefined) {
    form.set('client_secret', secret);
  }
  const answer = await askJson(tokenEndpoint, { method: 'POST', headers, body: form.toString() });
  if (!answer.ok) return answer;
  const token = v.safeParse(v.object({ id_token: v.string() }), answer.value);
  return token.success ? ok(token.output.id_token) : unavailable('it sent no ID token');
}

/** Asks for JSON, bounded in bytes and time. Follows no redirect: it would lead elsewhere. */
async function askJson(url: string, init: RequestInit): Promise<Result<unknown, ProviderFault>> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MILLISECONDS_MAX);
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    const body = await readBounded(response, DOCUMENT_BYTES_MAX);
    if (response.status !== 200) return unavailable(`it answered ${response.status}`);
    return body.ok ? ok(JSON.parse(body.value)) : unavailable('its answer is too large');
  } catch {
    return unavailable('it did not answer with JSON');
  }
}

const unavailable = (why: string): Result<never, ProviderFault> =>
  refuse({ code: 'provider_unavailable', why });
