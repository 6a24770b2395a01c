import type { Fact } from '../biscuit/index.ts';
import type { Grant } from '../capability/index.ts';
import type { BoundSink } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { askingAll, type LoadedRules } from './evaluate.ts';
import type { PolicyInput, RefusalReason } from './policy.ts';
import { requestFacts } from './request-facts.ts';
import { type Requirements, readRequirements, withRequired } from './requirements.ts';
import { sinkBounds } from './sinks.ts';

/** A grant as it would be given, before the policy has decided on it. */
export interface Judged {
  /** What the request states of it, with what bounds its sinks then. */
  readonly facts: readonly Fact[];
  readonly bounds: readonly BoundSink[];
  /** With the constraints that the policy requires; or why they cannot be. */
  readonly given: Result<Grant, RefusalReason>;
  /** What was required, as facts in one form each. */
  readonly required: ReadonlySet<string>;
}

/**
 * Joins what the policy requires before anything is decided: whether a sink is left open is judged
 * of the grant as it will be given. A requirement may read `leaves_open`, and then sees the grant
 * as it was asked for.
 */
export function judge(rules: LoadedRules, input: PolicyInput, asked: Grant): Judged {
  const { catalogue } = rules;
  const before = sinkBounds(catalogue, asked, {});
  const asAsked = requestFacts(catalogue, input, asked, before);
  const requirements = requirementsOf(rules, asAsked);
  if (!requirements.ok) {
    return { facts: asAsked, bounds: before, given: requirements, required: new Set() };
  }
  const { required, stated } = requirements.value;
  const given = withRequired(catalogue, asked, required);
  if (!given.ok) return { facts: asAsked, bounds: before, given, required: stated };
  const bounds = sinkBounds(catalogue, given.value, required);
  return { facts: requestFacts(catalogue, input, asked, bounds), bounds, given, required: stated };
}

function requirementsOf(
  rules: LoadedRules,
  facts: readonly Fact[],
): Result<Requirements, RefusalReason> {
  const ask = askingAll(rules, facts);
  return ask.ok ? readRequirements(ask.value) : ask;
}

/**
 * That the decision requires nothing that was not joined: a constraint that is only required where
 * the policy's own one has closed a sink would never be in the token.
 */
export function checkJoined(
  { required }: Judged,
  { stated }: Requirements,
): Result<null, RefusalReason> {
  const isJoined = [...stated].every((one) => required.has(one));
  return isJoined ? ok(null) : refuse({ code: 'requirement_invalid' });
}
