import type { Fact } from '../biscuit/index.ts';
import type { Grant } from '../capability/index.ts';
import type { BoundSink, CatalogueTool } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type LoadedRules, queryAll } from './evaluate.ts';
import { expandSelf } from './expand-self.ts';
import type { PolicyInput, RefusalReason } from './policy.ts';
import { requestFacts } from './request-facts.ts';
import { type Requirements, readRequirements, withRequired } from './requirements.ts';
import { sinkBounds } from './sinks.ts';

/** A grant as it would be granted, before the policy has decided. */
export interface PreparedGrant {
  /** The facts of the request, including what bounds each sink of the grant. */
  readonly facts: readonly Fact[];
  readonly bounds: readonly BoundSink[];
  /** The grant with the constraints that the policy requires, or why they cannot be added. */
  readonly given: Result<Grant, RefusalReason>;
  /** The required constraints, in canonical form. */
  readonly required: ReadonlySet<string>;
}

/**
 * Adds what the policy requires before it decides, so that open sinks are judged on the grant as it
 * will be granted. A requirement that reads `leaves_open` sees the grant as requested.
 */
export function prepareGrant(rules: LoadedRules, input: PolicyInput, asked: Grant): PreparedGrant {
  const { catalogue } = rules;
  const tool = catalogue.get(asked.tool);
  const requested = withSelf(asked, tool, input.user);
  const before = sinkBounds(catalogue, requested, {}, input.user);
  const asRequested = requestFacts(catalogue, input, requested, before);
  const requirements = requirementsOf(rules, asRequested);
  if (!requirements.ok) {
    return { facts: asRequested, bounds: before, given: requirements, required: new Set() };
  }
  const { stated } = requirements.value;
  const required = expandSelf(requirements.value.required, tool, input.user);
  const given = withRequired(catalogue, requested, required);
  if (!given.ok) return { facts: asRequested, bounds: before, given, required: stated };
  const bounds = sinkBounds(catalogue, given.value, required, input.user);
  const facts = requestFacts(catalogue, input, requested, bounds);
  return { facts, bounds, given, required: stated };
}

function withSelf(grant: Grant, tool: CatalogueTool | undefined, user: PolicyInput['user']): Grant {
  const { constraints } = grant;
  if (constraints === undefined) return grant;
  const expanded = expandSelf(constraints.constraints, tool, user);
  return { ...grant, constraints: { ...constraints, constraints: expanded } };
}

function requirementsOf(
  rules: LoadedRules,
  facts: readonly Fact[],
): Result<Requirements, RefusalReason> {
  const ask = queryAll(rules, facts);
  return ask.ok ? readRequirements(ask.value) : ask;
}

/**
 * Checks that the decision requires nothing new. A constraint that the policy requires only after
 * another required constraint has closed a sink would not be in the token.
 */
export function checkJoined(
  { required }: PreparedGrant,
  { stated }: Requirements,
): Result<null, RefusalReason> {
  const isJoined = [...stated].every((one) => required.has(one));
  return isJoined ? ok(null) : refuse({ code: 'requirement_invalid' });
}
