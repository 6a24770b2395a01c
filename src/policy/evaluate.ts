import { toParameters, withBiscuit } from '../biscuit-wasm/index.ts';
import type { Datalog } from '../capability/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  EVALUATION_FACTS_MAX,
  EVALUATION_ITERATIONS_MAX,
  EVALUATION_MICROSECONDS_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { RefusalReason } from './policy.ts';

/** The statements of a policy, and its `allow if` and `deny if` in their order, as printed. */
export interface LoadedRules {
  readonly source: string;
  readonly policies: readonly string[];
}

export interface Permission {
  readonly rule: string;
  readonly owner: string;
  readonly lifetimeSeconds: number;
}

interface Allowed {
  readonly policy: number;
  readonly owners: readonly unknown[];
  readonly lifetimes: readonly unknown[];
}

const LIMITS = {
  max_facts: EVALUATION_FACTS_MAX,
  max_iterations: EVALUATION_ITERATIONS_MAX,
  max_time_micro: EVALUATION_MICROSECONDS_MAX,
};

/**
 * Evaluates one request in a world of its own, so that an error or a runaway rule that one
 * requested grant provokes is that grant's refusal alone.
 */
export function evaluate(rules: LoadedRules, facts: Datalog): Result<Permission, RefusalReason> {
  const allowed = authorize(rules, facts);
  if (!allowed.ok) return allowed;
  const { policy, owners, lifetimes } = allowed.value;
  const rule = rules.policies[policy];
  if (rule === undefined) throw new Error('the engine named a policy that was not loaded');
  const [owner] = owners;
  if (owners.length === 0) return refuse({ code: 'owner_missing' });
  if (owners.length > 1 || typeof owner !== 'string') return refuse({ code: 'owner_invalid' });
  if (lifetimes.length === 0) return refuse({ code: 'lifetime_missing' });
  const seconds = lifetimes.map((lifetime) => (typeof lifetime === 'number' ? lifetime : 0));
  const lifetimeSeconds = Math.min(CAPABILITY_SECONDS_MAX, ...seconds);
  if (lifetimeSeconds < 1) return refuse({ code: 'lifetime_invalid' });
  return ok({ rule, owner, lifetimeSeconds });
}

function authorize(rules: LoadedRules, facts: Datalog): Result<Allowed, RefusalReason> {
  try {
    return withBiscuit((reference) => {
      const builder = new reference.AuthorizerBuilder();
      builder.addCode(rules.source);
      builder.addCodeWithParameters(facts.source, toParameters(facts), {});
      const authorizer = builder.buildUnauthenticated();
      const policy = settled(() => authorizer.authorizeWithLimits(LIMITS));
      const values = (predicate: string): readonly unknown[] =>
        authorizer
          .queryWithLimits(reference.Rule.fromString(`row($v) <- ${predicate}($v)`), LIMITS)
          .map((fact) => fact.terms()[0]);
      return ok({ policy, owners: values('owner'), lifetimes: values('max_lifetime') });
    });
  } catch (thrown) {
    return refuse(toReason(thrown, rules));
  }
}

/**
 * Rules run under a wall clock of 1 ms that the reference lets nobody set, and a cold start takes
 * longer. It looks at the clock between rounds and keeps what they have derived, so the next
 * attempt goes on from there; the limits of facts and of rounds stay as they are.
 */
function settled<T>(run: () => T): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return run();
    } catch (thrown) {
      const timedOut = (thrown as Thrown | undefined)?.RunLimit === 'Timeout';
      if (!timedOut || attempt === EVALUATION_ITERATIONS_MAX) throw thrown;
    }
  }
}

/** What the engine throws, plain objects all, each with one member that names what went wrong. */
interface Thrown {
  readonly FailedLogic?: {
    readonly NoMatchingPolicy?: unknown;
    readonly Unauthorized?: {
      readonly policy: { readonly Allow?: number; readonly Deny?: number };
      readonly checks: readonly { readonly Authorizer?: { readonly rule: string } }[];
    };
  };
  readonly RunLimit?: unknown;
}

function toReason(thrown: unknown, rules: LoadedRules): RefusalReason {
  if (thrown instanceof WebAssembly.RuntimeError) return { code: 'policy_failed', error: 'trap' };
  if (typeof thrown !== 'object' || thrown === null || thrown instanceof Error) throw thrown;
  const { FailedLogic, RunLimit } = thrown as Thrown;
  if (FailedLogic?.NoMatchingPolicy) return { code: 'no_rule' };
  if (FailedLogic?.Unauthorized) {
    const { policy, checks } = FailedLogic.Unauthorized;
    const denied = policy.Deny === undefined ? undefined : rules.policies[policy.Deny];
    return denied === undefined
      ? { code: 'check_failed', rule: checks[0]?.Authorizer?.rule ?? '' }
      : { code: 'denied', rule: denied };
  }
  if (RunLimit !== undefined) return { code: 'over_limit', limit: String(RunLimit) };
  return { code: 'policy_failed', error: JSON.stringify(thrown) };
}
