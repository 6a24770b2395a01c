import { type ClientAssertion, JWT_BEARER, JWT_SPIFFE } from '../../../src/identity/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { TokenRefusal } from './refusal.ts';

/**
 * The client assertion of a form, where there is one (RFC 7521 section 4.2). A secret is refused
 * wherever it stands, and not only where it is wrong: it has already been sent to somebody.
 */
export function readClient(
  form: URLSearchParams,
): Result<ClientAssertion | undefined, TokenRefusal> {
  if (form.has('client_secret')) return refuse({ code: 'client_secret_refused' });
  const jwt = form.get('client_assertion');
  const type = form.get('client_assertion_type');
  if (jwt === null && type === null) return ok(undefined);
  if (!jwt) return refuse({ code: 'parameter_missing', parameter: 'client_assertion' });
  if (!type) return refuse({ code: 'parameter_missing', parameter: 'client_assertion_type' });
  if (type !== JWT_BEARER && type !== JWT_SPIFFE) {
    return refuse({ code: 'assertion_type_unsupported' });
  }
  const clientId = form.get('client_id');
  return ok({ type, jwt, ...(clientId !== null && { clientId }) });
}
