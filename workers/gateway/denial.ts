import type { DescribeError } from '../../src/catalogue/index.ts';
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

interface Wire {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

// MCP 2026-07-28 reserves this code for a header that contradicts the body.
const HEADER_MISMATCH = -32_020;
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const DENIED = -32_003; // Outside the range that MCP keeps for itself (-32020 to -32099).

const REALM = 'hewn';

function toWire(denial: GatewayDenial): Wire | WireDenial {
  switch (denial.code) {
    case 'message_too_large':
      return { status: 413, code: denial.code, message: 'The message is too large.' };
    case 'message_malformed':
      return {
        status: 400,
        code: denial.code,
        message: 'The message is not one JSON-RPC request.',
      };
    case 'batch_refused':
      return { status: 400, code: denial.code, message: 'A batch is not accepted.' };
    case 'header_mismatch':
      return { status: 400, code: denial.code, message: 'A header and the body disagree.' };
    case 'method_denied':
      return { status: 403, code: denial.code, message: 'The method is not allowed here.' };
    case 'server_unknown':
      return { status: 404, code: denial.code, message: 'There is no such server.' };
    case 'session_unknown':
      return { status: 404, code: denial.code, message: 'There is no such session.' };
    case 'tool_unknown':
      return { status: 403, code: denial.code, message: 'The tool is not in the catalogue.' };
    case 'argument_unlisted':
      return { status: 403, code: denial.code, message: 'An argument is not in the catalogue.' };
    case 'dataset_unmappable':
      return { status: 403, code: denial.code, message: 'An argument names no dataset clearly.' };
    case 'budget_exhausted':
      return { status: 403, code: denial.code, message: 'A budget of the workflow is used up.' };
    case 'budget_unmeasured':
      return { status: 403, code: denial.code, message: 'An argument that is counted is missing.' };
    case 'workflow_stopped':
      return { status: 403, code: denial.code, message: 'The workflow is not active.' };
    case 'rate_limited':
      return { status: 429, code: denial.code, message: 'Too many requests.' };
    case 'ledger_unavailable':
    case 'record_unwritten':
      return { status: 503, code: denial.code, message: 'The call cannot be accounted for now.' };
    default:
      return verifierWire(denial);
  }
}

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
  const wire = toWire(denial);
  const { status, code, message } = wire;
  const headers = new Headers({ 'cache-control': 'no-store' });
  const challenged = status === 401 && 'error' in wire ? challenge(wire, REALM, scheme) : undefined;
  if (challenged !== undefined) headers.set('www-authenticate', challenged);
  if (status === 503) headers.set('retry-after', '1');
  if (denial.code === 'rate_limited') {
    headers.set('retry-after', String(denial.retryAfterSeconds));
  }
  const error = {
    code: rpcCode(code),
    message,
    data: {
      code,
      ...('about' in wire && wire.about),
      ...(needed && { authorization_details: needed }),
    },
  };
  return Response.json({ jsonrpc: '2.0', id: id ?? null, error }, { status, headers });
}

function rpcCode(code: string): number {
  if (code === 'header_mismatch') return HEADER_MISMATCH;
  if (code === 'message_malformed') return PARSE_ERROR;
  if (code === 'batch_refused' || code === 'message_too_large') return INVALID_REQUEST;
  return DENIED;
}
