import { readOptions } from '../../options.ts';
import { reportTo } from '../../report.ts';
import { resourceMetadata } from '../resource-metadata.ts';
import { neededDetails } from '../step-up.ts';
import { thenSettle, withHeaders } from './answer-request.ts';
import { decide } from './decide.ts';
import { judgeOf } from './judge.ts';
import type {
  Decided,
  DescribedRequest,
  ProtectedHandler,
  Protection,
  RouteJudge,
} from './protection.ts';
import { PROTECTION_OPTIONS, type ProtectionOptions } from './protection-options.ts';

/**
 * Creates a protection around a verifier of your own, such as that of `testIssuer`. Use `protect`
 * for one that follows the issuer's feed. Throws a TypeError for options that it does not know or
 * cannot use.
 *
 * @example
 * ```ts
 * import { createProtection } from 'hewn/verifier';
 *
 * const hewn = createProtection({ issuer, audience, verifier });
 * const handler = hewn.fetch(
 *   { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/contacts', args: {} },
 *   () => Response.json(['Ada', 'Blaise']),
 * );
 * const response = await handler(request);
 * if (response.status !== 200) throw new Error(await response.text());
 * ```
 */
export function createProtection(given: ProtectionOptions): Protection {
  const options = readOptions(given, 'createProtection', PROTECTION_OPTIONS);
  const { issuer, audience, verifier, feed } = options;
  const afterResponse = () => settle(options);
  return {
    issuer,
    audience,
    verifier,
    ...(feed && { feed }),
    fetch: (route, handler) => fetchHandler(judgeOf(options, route), handler, afterResponse),
    judge: (route) => judgeOf(options, route),
    decide: (described) => decideDescribed(options, described),
    metadata: () => resourceMetadata({ resource: audience, authorizationServers: [issuer] }),
    afterResponse,
  };
}

/** itty-router leaves the parameters of its route in the request. */
type Routed = Request & { readonly params?: Readonly<Record<string, unknown>> };

function fetchHandler<Rest extends readonly unknown[]>(
  judge: RouteJudge,
  handler: ProtectedHandler<Rest>,
  afterResponse: () => Promise<void>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const answer = async (request: Routed, rest: Rest): Promise<Response> => {
    const { params = {} } = request;
    const judged = await judge({ request, params });
    if (!judged.ok) return judged.error;
    const { call, headers, close } = judged.value;
    try {
      const response = await handler(call, ...rest);
      close({ status: response.status });
      return withHeaders(response, headers);
    } catch (error) {
      close({ status: 500, threw: true });
      throw error;
    }
  };
  return (request, ...rest) => thenSettle(answer(request, rest), afterResponse, rest);
}

async function decideDescribed(
  { verifier, records }: ProtectionOptions,
  { credentials, call, method, scoped, mode = 'enforce' }: DescribedRequest,
): Promise<Decided> {
  if (scoped && mode === 'observe') throw new TypeError('decide: a scoped request cannot observe');
  const { token, proof } = credentials;
  const opened = await verifier.open(token);
  const isDescribed = 'action' in call;
  const described = isDescribed ? { ...call, ...(proof && { proof }) } : call;
  const verdict = await decide(records, { opened, call: described, mode, scoped, method });
  const { decision } = verdict;
  if (!('denial' in verdict)) {
    const { close, scope } = verdict;
    return { allowed: true, decision, close, ...(scope && { scope }) };
  }
  const needed = isDescribed ? neededDetails(verdict.denial, call) : undefined;
  return { allowed: false, decision, denial: verdict.denial, ...(needed && { needed }) };
}

/** After a response: brings the feed forward, and sends records. */
async function settle({ afterResponse, records, report }: ProtectionOptions): Promise<void> {
  const failed = (error: unknown): void =>
    reportTo(report, 'protection.failed', {
      error: error instanceof Error ? error.name : typeof error,
    });
  const run = async (work: (() => Promise<void>) | undefined) => await work?.();
  await Promise.all([
    run(afterResponse).catch(failed),
    run(records && (() => records.flush())).catch(failed),
  ]);
}
