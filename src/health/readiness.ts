import * as v from 'valibot';

/** The parts that `/readyz` reports, and what an operator does about one that is not ready. */
const ADVICE = {
  configuration:
    'Correct the variable or the binding: docs/reference/configuration.md describes it, and `hewn check` finds most faults before a deployment.',
  audit:
    'Run `hewn doctor`: it says what is wrong with each log. If LOG_KEY is named, set it: `hewn deploy` and `hewn serve` add it to the key file of a deployment. Until then, no one can check the logs.',
  policy:
    'Run `hewn check`, and activate a version whose policy and catalogue load. The log has the reason as `policy.unavailable`.',
  catalogue:
    'Activate a version, and check that the issuer answers `GET /catalogue/{hash}`. The log of the gateway has the reason as `catalogue.unfetched`.',
  feed: "Check that the issuer answers, and that FEED_PUBLIC_KEY is the public half of the issuer's feed key.",
  witnesses:
    'Run `hewn doctor`: it says which witness of the feed is silent, and why. Verifiers that demand the witnesses deny writes without a quorum.',
  upstream:
    'Set the secret or the binding that is named, or correct `UPSTREAMS`. A server without a variable here is suspended: it returned the credential of the gateway, so replace that and deploy.',
} as const;

export type ReadyCheckName = keyof typeof ADVICE;

/** The state of one part of a Worker. */
export interface ReadyCheck {
  readonly name: ReadyCheckName;
  readonly ok: boolean;
  /** Which one, if the Worker has several: the name of an upstream or of a log. */
  readonly subject?: string;
  /** True if the Worker serves everything else without it. */
  readonly isPartial?: true;
  /** The variable or binding that is at fault: a name from the documentation, never a value. */
  readonly variable?: string;
  /** Why. Only the operator of an issuer sees it. */
  readonly reason?: string;
}

/** The body of `/readyz`. A later version may report more checks. */
export const readinessSchema = v.object({
  ready: v.pipe(
    v.boolean(),
    v.description('whether every check is ok, except those of single upstreams'),
  ),
  checks: v.array(
    v.object({
      name: v.pipe(
        v.string(),
        v.description('`configuration`, `audit`, `policy`, `feed`, `catalogue` or `upstream`'),
      ),
      ok: v.boolean(),
      subject: v.pipe(
        v.optional(v.string()),
        v.description('the name of the upstream, or of the log'),
      ),
      variable: v.pipe(
        v.optional(v.string()),
        v.description('the variable or binding that is at fault'),
      ),
      advice: v.pipe(v.optional(v.string()), v.description('what an operator does about it')),
      reason: v.pipe(
        v.optional(v.string()),
        v.description('why; only for a request with the operator credential'),
      ),
    }),
  ),
});

const NO_STORE = { 'cache-control': 'no-store' };

/** Returns the answer of `/healthz`: the Worker runs. It depends on nothing. */
export const answerAlive = (): Response => Response.json({ alive: true }, { headers: NO_STORE });

/** Returns the answer of `/readyz`: 200 if every check is ok, otherwise 503. */
export function answerReady(
  checks: readonly ReadyCheck[],
  { withReasons = false }: { readonly withReasons?: boolean } = {},
): Response {
  // A load balancer must not take a gateway away because one of its servers cannot be called.
  const ready = checks.every(({ ok, isPartial }) => ok || isPartial === true);
  const shown = checks.map(({ name, ok, subject, variable, reason }) => ({
    name,
    ok,
    ...(subject !== undefined && { subject }),
    ...(variable !== undefined && { variable }),
    ...(!ok && { advice: ADVICE[name] }),
    ...(withReasons && reason !== undefined && { reason }),
  }));
  return Response.json({ ready, checks: shown }, { status: ready ? 200 : 503, headers: NO_STORE });
}
