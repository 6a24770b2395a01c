import { readClock } from '../../../src/clock.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import type { CapabilityRefusal } from './presented-capability.ts';

const NOT_STORED = { 'cache-control': 'no-store' };

/**
 * Answers an agent whose capability gives no authority over its workflow (RFC 6750 section 3.1, RFC
 * 9449 sections 7.1 and 9).
 */
export async function refuseCapability(
  { code }: CapabilityRefusal,
  env: IssuerEnv,
): Promise<Response> {
  if (code === 'capability_narrowed') return problem({ code }, NOT_STORED);
  const error = code === 'nonce_required' ? 'use_dpop_nonce' : 'invalid_token';
  const response = problem({ code: error }, NOT_STORED);
  response.headers.set('www-authenticate', `DPoP realm="hewn", error="${error}"`);
  const nonce = await readConfig(env).nonces?.issue(readClock());
  if (nonce !== undefined) response.headers.set('dpop-nonce', nonce);
  return response;
}
