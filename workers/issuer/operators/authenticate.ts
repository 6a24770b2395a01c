import type { IRequest } from 'itty-router';
import { readClock, readSeconds } from '../../../src/clock.ts';
import type { Refusal } from '../../../src/issuer-api/index.ts';
import {
  ACCESS_PROVIDER,
  type Directory,
  type Operator,
  rolesOf,
} from '../../../src/operators/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { bearerToken, readCredentials } from '../../../src/verifier/index.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { credentialDigest, isCredential } from '../platform/credential.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import { readSessionCookie } from './cookies.ts';
import { verifyPerson } from './person.ts';
import { byCapability } from './presented.ts';
import { isFromOwnPage } from './same-origin.ts';
import { hexDigest, isSessionToken } from './session-token.ts';
import { operatorOf } from './sessions.ts';

/** The sender of a request, and the digest of the session that it came with. */
export interface Caller {
  readonly operator: Operator;
  readonly session?: string;
}

export type Authenticated = Result<
  Caller,
  Refusal<'unauthorized' | 'nonce_required' | 'cross_site_refused'>
>;

// A request passes through several handlers, which ask the same question.
const known = new WeakMap<object, Authenticated>();

/** Returns who sends a request to the admin API. Checks no permission. */
export async function authenticate(request: IRequest, env: IssuerEnv): Promise<Authenticated> {
  const found = known.get(request);
  if (found) return found;
  const authenticated = await identify(request, env);
  known.set(request, authenticated);
  return authenticated;
}

/** Refuses a request of no operator. Runs before every admin route. */
export async function requireOperator(
  request: IRequest,
  env: IssuerEnv,
): Promise<Response | undefined> {
  const authenticated = await authenticate(request, env);
  if (authenticated.ok) return undefined;
  const { code } = authenticated.error;
  if (code !== 'nonce_required') {
    return problem(authenticated.error, { 'www-authenticate': 'Bearer realm="hewn-admin"' });
  }
  // RFC 9449 section 9.
  const nonce = await readConfig(env).nonces?.issue(readClock());
  return problem(authenticated.error, {
    'www-authenticate': 'DPoP realm="hewn-admin", error="use_dpop_nonce"',
    ...(nonce !== undefined && { 'dpop-nonce': nonce }),
  });
}

/** A token in the header is the only proof of a request that has one: it is never a second try. */
async function identify(request: IRequest, env: IssuerEnv): Promise<Authenticated> {
  const config = readConfig(env);
  if (request.headers.has('authorization')) {
    if (readCredentials(request as unknown as Request).proof?.scheme === 'DPoP') {
      const holder = await byCapability(request as unknown as Request, env);
      return holder.ok ? ok({ operator: holder.value }) : holder;
    }
    const caller = await byBearer(request.headers, config, env);
    return caller ? ok(caller) : refuse({ code: 'unauthorized' });
  }
  const { directory } = config;
  const caller = directory && (await byBrowser(request.headers, config, directory, env));
  if (!caller) return refuse({ code: 'unauthorized' });
  // The browser sends these by itself, so another page could be behind the request.
  return isFromOwnPage(request as unknown as Request, config.issuer)
    ? ok(caller)
    : refuse({ code: 'cross_site_refused' });
}

async function byBearer(
  headers: Headers,
  config: IssuerConfig,
  env: IssuerEnv,
): Promise<Caller | undefined> {
  const token = bearerToken(headers);
  if (isSessionToken(token)) {
    return config.directory && (await bySession(token, 'cli', config.directory, env));
  }
  return byCredential(headers, config);
}

const byBrowser = async (
  headers: Headers,
  config: IssuerConfig,
  directory: Directory,
  env: IssuerEnv,
): Promise<Caller | undefined> => {
  const token = readSessionCookie(headers, config.issuer);
  const bySigningIn =
    token !== undefined && isSessionToken(token)
      ? await bySession(token, 'console', directory, env)
      : undefined;
  return bySigningIn ?? (await byAccess(headers, config, directory));
};

/** A session counts only where it began: a cookie is no bearer token, and the reverse. */
async function bySession(
  token: string,
  source: 'console' | 'cli',
  directory: Directory,
  env: IssuerEnv,
): Promise<Caller | undefined> {
  const digest = await hexDigest(token);
  const session = await operators(env).session(digest);
  if (session?.source !== source) return undefined;
  // A provider that left the configuration vouches for no one any more.
  if (!Object.hasOwn(directory.providers, session.provider)) return undefined;
  return { operator: operatorOf(directory, session), session: digest };
}

/** The assertion that Cloudflare Access adds to each request that it lets through. */
async function byAccess(
  headers: Headers,
  config: IssuerConfig,
  directory: Directory,
): Promise<Caller | undefined> {
  const jwt = headers.get('cf-access-jwt-assertion');
  const { access } = directory;
  if (jwt === null || !access) return undefined;
  const issuer = `https://${access.team}.cloudflareaccess.com`;
  const source = {
    provider: ACCESS_PROVIDER,
    issuer,
    jwksUri: `${issuer}/cdn-cgi/access/certs`,
    audience: access.audience,
    subjectClaim: 'email',
  };
  const verified = await verifyPerson(config, directory, source, jwt);
  if (!verified.ok) {
    report('operator.sign_in_failed', { provider: ACCESS_PROVIDER, why: verified.error.why });
    return undefined;
  }
  const { person, identity } = verified.value;
  const operator: Operator = {
    name: person.name,
    kind: 'access',
    roles: rolesOf(directory, person),
    source: 'console',
    person: { provider: person.provider, claims: person.claims },
    endsAt: Math.floor((identity.expires?.getTime() ?? readSeconds() * 1000) / 1000),
  };
  return { operator };
}

const CREDENTIALS = {
  operator: { name: 'operator', roles: [{ role: 'administrator' }] },
  auditor: { name: 'auditor', roles: [{ role: 'auditor' }] },
} as const;

/** The credentials of the configuration, which name no person. */
async function byCredential(
  headers: Headers,
  { operatorSha256, audit }: IssuerConfig,
): Promise<Caller | undefined> {
  const digest = await credentialDigest(headers);
  const kind = { kind: 'credential', source: 'api' } as const;
  if (isCredential(digest, operatorSha256)) {
    return { operator: { ...CREDENTIALS.operator, ...kind } };
  }
  const isAuditor = audit.auditorSha256 && isCredential(digest, audit.auditorSha256);
  return isAuditor ? { operator: { ...CREDENTIALS.auditor, ...kind } } : undefined;
}
