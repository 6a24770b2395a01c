import type { DescribeError } from '../../src/catalogue/index.ts';
import {
  GATEWAY_DENIALS,
  type GatewayDenialCode,
  type GatewayDenialEntry,
} from '../../src/denials/index.ts';
import type { LedgerDenial } from '../../src/lifecycle/index.ts';
import {
  challenge,
  type Denial,
  type NeededDetail,
  type Scheme,
  toWire as verifierWire,
  type WireDenial,
} from '../../src/verifier/index.ts';
import type { MessageError } from './message.ts';

/** Why the gateway said no: the verifier's reasons and its own. */
export type GatewayDenial =
  | Denial
  | MessageError
  | DescribeError
  | { readonly code: 'method_denied'; readonly method: string }
  | { readonly code: 'server_unknown' }
  /** No session of this workflow at this server: the client opens another. */
  | { readonly code: 'session_unknown' }
  | LedgerDenial
  /** A source or a workflow that asks too often; counted, and not recorded. */
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number }
  /** What is irreversible is written down before it happens, or does not happen. */
  | { readonly code: 'record_unwritten' };

const RPC_CODES = {
  denied: -32_003, // Outside the range that MCP reserves (-32020 to -32099).
  // MCP 2026-07-28 reserves this code for a header that contradicts the body.
  header_mismatch: -32_020,
  invalid_request: -32_600,
  parse_error: -32_700,
} as const satisfies Readonly<Record<GatewayDenialEntry['rpc'], number>>;

const REALM = 'hewn';

interface Wire {
  readonly status: number;
  readonly message: string;
  readonly rpc: GatewayDenialEntry['rpc'];
  readonly challenge?: string | undefined;
  readonly about?: WireDenial['about'];
}

function toWire(denial: GatewayDenial, scheme: Scheme | undefined): Wire {
  if (isGatewayDenial(denial)) return GATEWAY_DENIALS[denial.code];
  const wire = verifierWire(denial);
  const { status, message, about } = wire;
  const shown = { status, message, rpc: 'denied' as const, ...(about && { about }) };
  return status === 401 ? { ...shown, challenge: challenge(wire, REALM, scheme) } : shown;
}

const isGatewayDenial = (
  denial: GatewayDenial,
): denial is Extract<GatewayDenial, { readonly code: GatewayDenialCode }> =>
  Object.hasOwn(GATEWAY_DENIALS, denial.code);

/**
 * The denial on an MCP route: the HTTP status for whatever stands between, and a JSON-RPC error
 * with the request's id and our stable code in `data` for the client.
 *
 * Where a grant is all that is missing, `data` has what to ask the issuer for. A 403 carries it as
 * an `insufficient_scope` challenge only where the deployment says so (`stepUpChallenge`): a client
 * of the SDK answers that header with a browser login and drops the body.
 */
export function denialResponse(
  denial: GatewayDenial,
  id: string | number | undefined,
  scheme?: Scheme,
  needed?: readonly NeededDetail[],
): Response {
  const { code } = denial;
  const { status, message, rpc, challenge: authenticate, about } = toWire(denial, scheme);
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (authenticate !== undefined) headers.set('www-authenticate', authenticate);
  if (status === 503) headers.set('retry-after', '1');
  if (code === 'rate_limited') headers.set('retry-after', String(denial.retryAfterSeconds));
  const data = { code, ...about, ...(needed && { authorization_details: needed }) };
  const error = { code: RPC_CODES[rpc], message, data };
  return Response.json({ jsonrpc: '2.0', id: id ?? null, error }, { status, headers });
}
