import {
  type Budgets,
  checkAudience,
  checkGrant,
  type Grant,
  parseArgumentConstraints,
  parseBudgets,
} from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { DpopKey } from '../dpop/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CAPABILITY_SECONDS_MIN,
  RENEW_WITHIN_SECONDS_MAX,
  RENEW_WITHIN_SECONDS_MIN,
} from '../limits.ts';
import {
  anything,
  callable,
  expecting,
  list,
  type Members,
  numberFrom,
  object,
  oneOf,
  optional,
  optionsFault,
  text,
} from '../options.ts';
import { isPromptText } from '../provenance/index.ts';
import type { ApprovalPending, Capability } from './capability.ts';

/** How an agent deals with a policy that requires the approval of a person. */
export interface Approval {
  /**
   * The id of an earlier `approval_pending`, to ask for its decision with otherwise equal options.
   */
  readonly id?: string;
  /** How long to wait for the decision. Without it, the answer is `approval_pending`. */
  readonly waitMilliseconds?: number;
  /** Called once when the wait begins, so that the agent can tell someone. */
  readonly onPending?: (pending: ApprovalPending) => void;
  /** Ends the wait. The question stays open, and its id can be passed later. */
  readonly signal?: AbortSignal;
}

/** The options of `obtainCapability`. */
export interface ObtainOptions {
  /** The issuer's URL; its endpoints are read from its metadata (RFC 8414). */
  readonly issuer: string;
  /** The URL of the resource server that the capability is for, as its issuer spells it. */
  readonly audience: string;
  /**
   * The user's token: a JWT for the issuer. Without it, the agent acts for no user, which the
   * policy must allow.
   */
  readonly subjectToken?: string;
  /** The token of the agent's own workload: a JWT for the issuer. */
  readonly actorToken: string;
  /** What the workflow is for, in a few words for people and policies. */
  readonly task: string;
  readonly grants: readonly Grant[];
  /** Binds the capability to this key (RFC 9449), so that a thief of the token cannot use it. */
  readonly dpop?: DpopKey;
  /** The id of a workflow to continue, with at most its grants. Without it, a workflow begins. */
  readonly workflow?: string;
  /** Requests more than the workflow was granted: see `stepUp`. */
  readonly stepUp?: true;
  /**
   * Begins a child of the workflow of this capability, which must not be narrowed. The child has at
   * most its grants, ends with it, and is bound to the same key.
   */
  readonly parent?: Capability;
  /** The child's share of its parent's budgets. By default, half of what is left of each. */
  readonly budgets?: Budgets;
  /**
   * The longest lifetime of the capability in seconds, from 30 to 3600. The policy's counts if it
   * is shorter.
   */
  readonly lifetimeSeconds?: number;
  /**
   * Begins a workflow that expires after this many seconds without another mint, from 60 to 3600:
   * it then ends with the process that renews it, however that ends. Calls do not count. Ignored
   * with `workflow`.
   */
  readonly renewWithinSeconds?: number;
  /**
   * The request of the user, word by word, in at most 2048 bytes: values that stand in it meet
   * constraints with the origin `prompt`. State it before the agent has read anything else. Only
   * the begin of a workflow sends it, so it is ignored with `workflow` and `parent`.
   */
  readonly prompt?: string;
  /** For a policy that requires a person's approval. Without it, nothing is waited for. */
  readonly approval?: Approval;
  readonly fetch?: typeof fetch;
  /** The wall clock by default. */
  readonly now?: Clock;
  /** How long each of the three requests may take, in milliseconds. */
  readonly requestMilliseconds?: number;
}

/**
 * Checked because a child without its parent's token would begin as a root, with a root's grants.
 */
const heldCapability = expecting(
  'a capability, as `obtainCapability` returns it in `value`',
  (value) =>
    object(value) === undefined && text((value as { token?: unknown }).token) === undefined,
);

const wholeSeconds = (min: number, max: number) =>
  expecting(
    `a whole number of seconds from ${min} to ${max}`,
    (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  );

export const promptText = expecting('a text of 1 to 2048 bytes', isPromptText);

export const OBTAIN_OPTIONS: Members<ObtainOptions> = {
  issuer: text,
  audience: text,
  subjectToken: optional(text),
  actorToken: text,
  task: text,
  grants: list,
  dpop: optional(object),
  workflow: optional(text),
  stepUp: optional(oneOf([true])),
  parent: optional(heldCapability),
  budgets: optional(anything),
  lifetimeSeconds: optional(wholeSeconds(CAPABILITY_SECONDS_MIN, CAPABILITY_SECONDS_MAX)),
  renewWithinSeconds: optional(wholeSeconds(RENEW_WITHIN_SECONDS_MIN, RENEW_WITHIN_SECONDS_MAX)),
  prompt: optional(promptText),
  approval: optional(object),
  fetch: optional(callable),
  now: optional(callable),
  requestMilliseconds: optional(numberFrom(1)),
};

const APPROVAL: Members<Approval> = {
  id: optional(text),
  // With Infinity, only `signal` ends the wait.
  waitMilliseconds: optional(expecting('a number of at least 0', (value) => Number(value) >= 0)),
  onPending: optional(callable),
  signal: optional(object),
};

/**
 * Finds an option that no issuer could accept, before anything is sent. `caller` is named in it.
 */
export function obtainFault(options: ObtainOptions, caller: string): string | undefined {
  return (
    optionsFault(options, caller, OBTAIN_OPTIONS) ??
    (options.approval && optionsFault(options.approval, `${caller}: approval`, APPROVAL)) ??
    issuerFault(options.issuer, caller) ??
    audienceFault(options.audience, caller) ??
    grantsFault(options.grants, `${caller}: grants`) ??
    budgetsFault(options.budgets, caller)
  );
}

/** Issuers are compared byte for byte, so another spelling is another issuer. */
export function issuerFault(issuer: string, caller: string): string | undefined {
  const checked = checkAudience(issuer);
  const shown = `${caller}: \`issuer\` ${quoted(issuer)}`;
  if (!checked.ok) {
    return `${shown} is not an issuer's URL: ${checked.error.why}. Write it exactly as the issuer's metadata does, for example https://issuer.example.`;
  }
  if (!issuer.endsWith('/')) return undefined;
  return `${shown} must not end with a slash. Remove it.`;
}

export function audienceFault(audience: string, caller: string): string | undefined {
  const checked = checkAudience(audience);
  if (checked.ok) return undefined;
  return `${caller}: \`audience\` ${quoted(audience)} is not a resource server's URL: ${checked.error.why}.`;
}

export function grantsFault(grants: readonly Grant[], name: string): string | undefined {
  for (const [index, grant] of grants.entries()) {
    const where = `${name}[${index}]`;
    const checked = checkGrant(grant);
    if (!checked.ok) {
      const { kind, why } = checked.error;
      if (kind === 'grant') return why.replace(/^grant/, where);
      const value = kind === 'tool' || kind === 'action' || kind === 'dataset' ? grant[kind] : '';
      return `${where}: the ${kind} ${quoted(value)} is not valid: ${why}.`;
    }
    const parsed = 'constraints' in grant ? parseArgumentConstraints(grant.constraints) : checked;
    if (!parsed.ok) {
      const { pointer, where: inside, why } = parsed.error;
      const place = [pointer, inside].filter((part) => part !== '').join(' ');
      return `${where}: the constraints are not valid${place && ` at ${place}`}: ${why}.`;
    }
  }
  return undefined;
}

function budgetsFault(budgets: Budgets | undefined, caller: string): string | undefined {
  const parsed = budgets === undefined ? undefined : parseBudgets(budgets);
  if (!parsed || parsed.ok) return undefined;
  const { where, why } = parsed.error;
  return `${caller}: the budgets are not valid${where && ` at ${where}`}: ${why}.`;
}

/** Quotes a value as it was written, shortened to fit into a line. */
export function quoted(value: unknown): string {
  const written = JSON.stringify(value) ?? typeof value;
  return written.length > 200 ? `${written.slice(0, 200)}…` : written;
}
