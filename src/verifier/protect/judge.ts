import type { Json } from '../../canonical-json.ts';
import { reportTo } from '../../report.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { canonicalRequest } from '../canonical-request.ts';
import { readCredentials } from '../credentials.ts';
import type { Denial } from '../decision.ts';
import { denyRequest } from '../deny-request.ts';
import { JUDGED_BODY_BYTES_MAX, replayableBody } from '../replayable-body.ts';
import type { RetrievalScope } from '../scope/index.ts';
import { attachedTo } from './attached.ts';
import { decide } from './decide.ts';
import {
  type DescribedCall,
  type DescribeFailure,
  describeCall,
  toolFor,
} from './describe-call.ts';
import type { OpenCall, RoutedRequest, RouteJudge } from './protection.ts';
import type { ProtectionOptions } from './protection-options.ts';
import { type Route, readRoute } from './route.ts';
import { type ReadInput, readInput } from './route-input.ts';

/** Returns the judge of a route. Throws a TypeError for a route that it cannot use. */
export function judgeOf(options: ProtectionOptions, given: Route): RouteJudge {
  const route = readRoute(given);
  return async (routed) => {
    const canonical = canonicalRequest(routed.request);
    if (canonical.ok) return judge(options, route, { ...routed, request: canonical.value });
    // In every mode: the handler might serve another path than the one that is judged.
    const denial = { code: 'name_invalid', kind: 'path', why: canonical.error } as const;
    return refuse(await denyRequest(routed.request, denial, options));
  };
}

/**
 * Opens the token, reads the body, describes the call and decides it. The order is the guarantee.
 */
async function judge(
  options: ProtectionOptions,
  route: Route,
  routed: RoutedRequest,
): Promise<Result<OpenCall, Response>> {
  const { verifier, records } = options;
  const { mode = 'enforce', scoped } = route;
  const { token, proof } = readCredentials(routed.request);
  const opened = await verifier.open(token);
  // Nothing that a stranger sent is read, unless its call is made anyway.
  const { request, input, described }: ReadCall =
    opened.denial && mode === 'enforce'
      ? { request: routed.request, described: refuse({ denial: opened.denial }) }
      : await readCall(options, route, routed);
  const call = described.ok
    ? {
        ...described.value,
        ...(proof && { proof }),
        ...(await attachedTo(options, opened, request)),
      }
    : { denial: described.error.denial, ...attemptedTool(route, input) };
  // Before the call is recorded: nothing may fail between its record and its handler.
  const nonce = await verifier.nonce();
  const verdict = await decide(records, {
    opened,
    call,
    mode,
    scoped,
    method: request.method,
  });
  if ('denial' in verdict) {
    const context = {
      ...options,
      scheme: proof?.scheme,
      capability: opened.capability,
      ...(described.ok && { call: described.value }),
    };
    return refuse(await denyRequest(request, verdict.denial, context));
  }
  if (!input) throw new Error('a call that was not read is never allowed');
  const { decision, close, scope } = verdict;
  const { carried, isAmbiguous: _, ...parts } = input;
  // Of an observed call that cannot be described: what it carries, which nothing has judged.
  const args = described.ok ? described.value.args : carried;
  return ok({
    call: { ...parts, args, request, decision, scope: () => scopeOf(scope) },
    headers: nonce === undefined ? {} : { 'dpop-nonce': nonce },
    close,
  });
}

function scopeOf(scope: RetrievalScope | undefined): RetrievalScope {
  if (scope) return scope;
  throw new TypeError('scope: the route must have `scoped: true`');
}

interface ReadCall {
  /** The request with its whole body. */
  readonly request: Request;
  readonly input?: ReadInput;
  readonly described: Result<DescribedCall, DescribeFailure>;
}

async function readCall(
  options: ProtectionOptions,
  route: Route,
  routed: RoutedRequest,
): Promise<ReadCall> {
  const { request, body } = await readBody(options, route, routed.request);
  const value = body.ok ? body.value : undefined;
  const input = readInput(request, routed.params ?? {}, value);
  if (!body.ok) return { request, input, described: refuse({ denial: body.error }) };
  const described = describeCall(route, input);
  if (!described.ok && 'error' in described.error) {
    const { error } = described.error;
    const name = error instanceof Error ? error.name : typeof error;
    reportTo(options.report, 'route.failed', { ...toolOf(route), error: name });
  }
  return { request, input, described };
}

async function readBody(
  { bodyBytesMax = JUDGED_BODY_BYTES_MAX }: ProtectionOptions,
  { body: kind = 'json' }: Route,
  request: Request,
): Promise<{ request: Request; body: Result<Json | undefined, Denial> }> {
  if (!request.body || kind === 'unread') return { request, body: ok(undefined) };
  const { readJsonBody } = await import('../../json-body.ts');
  const replayable = replayableBody(request, bodyBytesMax);
  const body = await readJsonBody(replayable.first, bodyBytesMax);
  const isTooLarge = replayable.close();
  return {
    request: replayable.second(),
    body: isTooLarge ? refuse({ code: 'body_too_large', bytesMax: bodyBytesMax }) : body,
  };
}

/** A stop of the tool must count also for a call that is otherwise beyond description. */
function attemptedTool(route: Route, input: ReadInput | undefined): { readonly tool?: string } {
  const tool = input && toolFor(route, input);
  return typeof tool === 'string' ? { tool } : toolOf(route);
}

const toolOf = ({ tool }: Route): { readonly tool?: string } =>
  typeof tool === 'string' ? { tool } : {};
