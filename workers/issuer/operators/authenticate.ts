import type { IRequest } from 'itty-router';
import type { Refusal } from '../../../src/issuer-api/index.ts';
import type { Operator } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import { credentialDigest, isCredential } from '../platform/credential.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { problem } from '../platform/http.ts';

export type Authenticated = Result<Operator, Refusal<'unauthorized'>>;

// A request passes through several handlers, which ask the same question.
const known = new WeakMap<object, Authenticated>();

/** Returns who sends a request to the admin API. Checks no permission. */
export async function authenticate(request: IRequest, env: IssuerEnv): Promise<Authenticated> {
  const found = known.get(request);
  if (found) return found;
  const operator = await byCredential(request, env);
  const authenticated = operator ? ok(operator) : refuse({ code: 'unauthorized' as const });
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
  return problem(authenticated.error, { 'www-authenticate': 'Bearer realm="hewn-admin"' });
}

const CREDENTIALS = {
  operator: { name: 'operator', roles: [{ role: 'administrator' }] },
  auditor: { name: 'auditor', roles: [{ role: 'auditor' }] },
} as const;

/** The credentials of the configuration, which name no person. */
async function byCredential(request: IRequest, env: IssuerEnv): Promise<Operator | undefined> {
  const { operatorSha256, audit } = readConfig(env);
  const digest = await credentialDigest(request.headers);
  const kind = { kind: 'credential', source: 'api' } as const;
  if (isCredential(digest, operatorSha256)) return { ...CREDENTIALS.operator, ...kind };
  const isAuditor = audit.auditorSha256 && isCredential(digest, audit.auditorSha256);
  return isAuditor ? { ...CREDENTIALS.auditor, ...kind } : undefined;
}
