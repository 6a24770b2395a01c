import {
  type CatalogueTool,
  type DescribedCall,
  describeCall,
} from '../../../src/catalogue/index.ts';
import {
  type HttpCall,
  type HttpRequest,
  overridingHeader,
  readHttpCall,
  readTarget,
  readUnlisted,
  receiveBody,
  routesOf,
} from '../../../src/http-route/index.ts';
import { ATTACHED_HEADER, readAttachedHeader } from '../../../src/receipts/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GatewayDenial } from '../call/denial.ts';
import type { Exchange, NotForwarded, Operation, Transport } from '../call/transport.ts';
import type { Judging } from '../catalogues.ts';
import type { Gateway } from '../gateway.ts';
import { ofTool, type Upstream } from '../upstream/index.ts';
import { denialResponse } from './denial.ts';
import { forwardCall } from './forward.ts';
import { attesting } from './receipts.ts';

/** Plain HTTP, to the API of this name. */
export const httpTransport = (gateway: Gateway, server: string): Transport => ({
  read: (request) => readExchange(gateway, server, request),
  denyUnread: (denial) => denialResponse(denial),
});

const METHOD = /^[A-Z]{1,16}$/;

async function readExchange(gateway: Gateway, server: string, request: Request): Promise<Exchange> {
  const { method } = request;
  const upstream = gateway.upstreams.get(server);
  const read = await readRequest(request, server, upstream);
  return {
    ...(METHOD.test(method) && { method }),
    ...(upstream?.kind === 'http' && { upstream }),
    attached: readAttachedHeader(request.headers.get(ATTACHED_HEADER)),
    operation: (judging) =>
      read.ok ? operationOf(gateway, request, read.value, judging) : refuse({ denial: read.error }),
    deny: denialResponse,
  };
}

interface Received {
  readonly upstream: Upstream;
  readonly request: HttpRequest;
}

async function readRequest(
  request: Request,
  server: string,
  upstream: Upstream | undefined,
): Promise<Result<Received, GatewayDenial>> {
  if (upstream?.kind !== 'http') return refuse({ code: 'server_unknown' });
  const { method, headers } = request;
  const target = readTarget(request.url, `/http/${server}`);
  if (!target.ok) return target;
  const overriding = overridingHeader(headers);
  if (overriding !== undefined) return refuse({ code: 'header_refused', header: overriding });
  const { requestBytes, seconds } = upstream.limits;
  const bounds = { bytesMax: requestBytes, millisecondsMax: seconds * 1_000 };
  const body = await receiveBody(request, bounds);
  return ok({ upstream, request: { server, method, headers, body, ...target.value } });
}

function operationOf(
  gateway: Gateway,
  request: Request,
  { upstream, request: received }: Received,
  judging: Judging,
): Result<Operation, NotForwarded> {
  const { catalogue } = judging;
  if (!catalogue) return refuse({ denial: { code: 'catalogue_unavailable' } });
  const routeOf = (call: HttpCall): Extract<Operation, { kind: 'call' }>['route'] => {
    const own = ofTool(upstream, catalogue.get(call.tool));
    const attestFor = attesting(gateway, { server: upstream.name, call }, judging);
    return async (caller) => {
      const attest = attestFor?.(caller.workflow);
      const outgoing = { upstream: own, call, request, caller, ...(attest && { attest }) };
      return ok((hold) => forwardCall(outgoing, hold));
    };
  };
  const read = readHttpCall(routesOf(catalogue), received);
  if (!read.ok) {
    const { error, tool } = read.error;
    // What an earlier catalogue does not know may be a read of the new one.
    if (!judging.isCurrent) return refuse({ denial: { code: 'catalogue_unavailable' } });
    const unlisted = UNLISTED.includes(error.code) ? readUnlisted(received) : read;
    return refuse({
      denial: error,
      ...(tool !== undefined && { tool }),
      ...(unlisted.ok && {
        observed: { args: unlisted.value.args, route: routeOf(unlisted.value) },
      }),
    });
  }
  const call = read.value;
  const described = describe(judging, call);
  if (described.ok) return ok({ kind: 'call', call: described.value, route: routeOf(call) });
  const isUnavailable = described.error.code === 'catalogue_unavailable';
  const observed = { args: call.args, route: routeOf(call) };
  return refuse({
    denial: described.error,
    tool: call.tool,
    ...(!isUnavailable && { observed }),
  });
}

/** What the catalogue does not have, although it has one reading. */
const UNLISTED: readonly GatewayDenial['code'][] = [
  'route_unknown',
  'route_method_unlisted',
  'argument_unlisted',
];

function describe(
  { catalogue, isCurrent }: Judging,
  { tool, args }: HttpCall,
): Result<DescribedCall, GatewayDenial> {
  const described = catalogue && describeCall(catalogue, tool, args);
  // An earlier catalogue judges reads only.
  if (!described || (!isCurrent && !(described.ok && isRead(described.value)))) {
    return refuse({ code: 'catalogue_unavailable' });
  }
  return described;
}

const isRead = ({ action, tier }: Pick<CatalogueTool, 'action' | 'tier'>): boolean =>
  action === 'read' && tier < 2;
