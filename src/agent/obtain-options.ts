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
import type { ApprovalPending, Capability } from './capability.ts';

/** How an agent meets a policy that asks a person. */
export interface Approval {
  /** Of an earlier `approval_pending`: asks what became of it. Everything else is as it was. */
  readonly id?: string;
  /** How long to wait for the answer; without it, not at all. */
  readonly waitMilliseconds?: number;
  /** Told once of what is waited for, so that somebody can be told. */
  readonly onPending?: (pending: ApprovalPending) => void;
  /** Ends the wait; the question stays, and may be asked after with its id. */
  readonly signal?: AbortSignal;
}

export interface ObtainOptions {
  /** The issuer's URL; its endpoints are read from its metadata (RFC 8414). */
  readonly issuer: string;
  /** The one resource server that the capability is for. */
  readonly audience: string;
  /** The user's token, and the token of the agent's own workload: both JWTs for the issuer. */
  readonly subjectToken: string;
  readonly actorToken: string;
  readonly task: string;
  readonly grants: readonly Grant[];
  /** Binds the capability to this key (RFC 9449), so that it is worth nothing to a thief. */
  readonly dpop?: DpopKey;
  /** The id of the workflow to continue, with no more than it was granted; else one begins. */
  readonly workflow?: string;
  /** Asks for more than the workflow was granted; see `stepUp`. */
  readonly stepUp?: true;
  /**
   * Begins a child below the workflow of this capability, which is not narrowed. It has no more
   * than that, ends with it, and is bound to the same key.
   */
  readonly parent?: Capability;
  /** What the child takes of its parent's budgets; without it, half of what is left of each. */
  readonly budgets?: Budgets;
  /** For a policy that asks a person; see `Approval`. Without it, the answer is what waits. */
  readonly approval?: Approval;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
  /** How long each of the three requests may take. */
  readonly requestMilliseconds?: number;
}

/** Without its token, what is meant as a child would begin as a root, with all that a root has. */
const heldCapability = expecting(
  'a capability, as `obtainCapability` answers it in `value`',
  (value) =>
    object(value) === undefined && text((value as { token?: unknown }).token) === undefined,
);

export const OBTAIN_OPTIONS: Members<ObtainOptions> = {
  issuer: text,
  audience: text,
  subjectToken: text,
  actorToken: text,
  task: text,
  grants: list,
  dpop: optional(object),
  workflow: optional(text),
  stepUp: optional(oneOf([true])),
  parent: optional(heldCapability),
  budgets: optional(anything),
  approval: optional(object),
  fetch: optional(callable),
  now: optional(callable),
  requestMilliseconds: optional(numberFrom(1)),
};

export const APPROVAL: Members<Approval> = {
  id: optional(text),
  // Infinity is a wait that only `signal` ends.
  waitMilliseconds: optional(expecting('a number of at least 0', (value) => Number(value) >= 0)),
  onPending: optional(callable),
  signal: optional(object),
};

/** What no issuer could answer well, found before anything is sent; undefined where all is well. */
export function obtainFault(options: ObtainOptions, what: string): string | undefined {
  return (
    optionsFault(options, what, OBTAIN_OPTIONS) ??
    (options.approval && optionsFault(options.approval, `${what}: approval`, APPROVAL)) ??
    issuerFault(options.issuer, what) ??
    audienceFault(options.audience, what) ??
    grantsFault(options.grants, `${what}: grants`) ??
    budgetsFault(options.budgets, what)
  );
}

/** An issuer is compared byte for byte, so what has another spelling is another issuer. */
export function issuerFault(issuer: string, what: string): string | undefined {
  const checked = checkAudience(issuer);
  const shown = `${what}: \`issuer\` ${quoted(issuer)}`;
  if (!checked.ok) {
    return `${shown} is not an issuer's URL: ${checked.error.why}. Write it as the issuer's own metadata does, such as https://issuer.example.`;
  }
  if (!issuer.endsWith('/')) return undefined;
  return `${shown} ends in a slash, and no issuer does. Leave the slash out.`;
}

function audienceFault(audience: string, what: string): string | undefined {
  const checked = checkAudience(audience);
  if (checked.ok) return undefined;
  return `${what}: \`audience\` ${quoted(audience)} is not a resource server's URL: ${checked.error.why}.`;
}

export function grantsFault(grants: readonly Grant[], what: string): string | undefined {
  for (const [at, grant] of grants.entries()) {
    const where = `${what}[${at}]`;
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
      const at = [pointer, inside].filter((part) => part !== '').join(' ');
      return `${where}: the constraints are not valid${at && ` at ${at}`}: ${why}.`;
    }
  }
  return undefined;
}

function budgetsFault(budgets: Budgets | undefined, what: string): string | undefined {
  const parsed = budgets === undefined ? undefined : parseBudgets(budgets);
  if (!parsed || parsed.ok) return undefined;
  const { where, why } = parsed.error;
  return `${what}: the budgets are not valid${where && ` at ${where}`}: ${why}.`;
}

/** A name as its author wrote it, cut down to what fits in a line. */
export function quoted(value: unknown): string {
  const written = JSON.stringify(value) ?? typeof value;
  return written.length > 200 ? `${written.slice(0, 200)}…` : written;
}
