import type { Grant } from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { DpopKey } from '../dpop/index.ts';
import {
  callable,
  expecting,
  integerFrom,
  list,
  type Members,
  object,
  oneOf,
  optional,
  optionsFault,
  text,
} from '../options.ts';
import { type IdentitySource, identitySource } from './identity/index.ts';
import {
  type Approval,
  audienceFault,
  grantsFault,
  issuerFault,
  promptText,
} from './obtain-options.ts';

/** What an agent may ask for after a denial that says which grants are missing. */
export interface StepUpRequest {
  /** The grants that exactly this call needs. */
  readonly needed: readonly Grant[];
}

/**
 * What happens when a denial says which grants are missing:
 *
 * * `policy` asks the issuer for them, and its policy decides, which may ask a person;
 * * `never` leaves the denial to the caller;
 * * a list of grants asks the issuer only for what these grants cover;
 * * a function decides for each denial whether the issuer is asked.
 */
export type StepUp =
  | 'policy'
  | 'never'
  | readonly Grant[]
  | ((request: StepUpRequest) => boolean | Promise<boolean>);

/** The options of `connect`. */
export interface ConnectOptions {
  /** The issuer's URL, exactly as its metadata spells it. */
  readonly issuer: string;
  /** The URL of the gateway or API that the capability is for, as its issuer spells it. */
  readonly audience: string;
  /** Who the agent is: the tokens of its own workload. */
  readonly identity: IdentitySource;
  /** For whom it acts: the tokens of a user. Without it, the policy must allow an agent alone. */
  readonly user?: IdentitySource;
  /** What the workflow is for, in a few words for people and policies. */
  readonly task: string;
  readonly grants: readonly Grant[];
  /** The key that the capability is bound to; by default, a new one. False: bound to no key. */
  readonly dpop?: DpopKey | false;
  /** The id of a workflow to continue with the same key. Without it, a workflow begins. */
  readonly workflow?: string;
  /** How long each capability is valid, in seconds; by default as long as the policy allows. */
  readonly lifetimeSeconds?: number;
  /** Ends the workflow when no capability was renewed for so long, in seconds. */
  readonly renewWithinSeconds?: number;
  /**
   * The request of the user, word by word, in at most 2048 bytes: see `ObtainOptions.prompt`. It is
   * stated once, so pass it before the agent has read anything else.
   */
  readonly prompt?: string;
  /** By default `policy`. */
  readonly stepUp?: StepUp;
  /**
   * Whether a person is asked to approve a single call, if its denial says that this is all that it
   * lacks. By default yes, unless `stepUp` is `never`.
   */
  readonly approveCalls?: boolean;
  /** For a policy that asks a person. Without it, nothing is waited for. */
  readonly approval?: Approval;
  readonly fetch?: typeof fetch;
  /** The wall clock by default. */
  readonly now?: Clock;
}

const CONNECT: Members<ConnectOptions> = {
  issuer: text,
  audience: text,
  identity: identitySource,
  user: optional(identitySource),
  task: text,
  grants: list,
  dpop: optional(
    expecting(
      'a key of `createDpopKey`, or false',
      (value) => value === false || object(value) === undefined,
    ),
  ),
  workflow: optional(text),
  lifetimeSeconds: optional(integerFrom(1)),
  renewWithinSeconds: optional(integerFrom(1)),
  prompt: optional(promptText),
  stepUp: optional(
    expecting(
      "'policy', 'never', a list of grants or a function",
      (value) =>
        value === 'policy' ||
        value === 'never' ||
        Array.isArray(value) ||
        typeof value === 'function',
    ),
  ),
  approveCalls: optional(oneOf([true, false])),
  approval: optional(object),
  fetch: optional(callable),
  now: optional(callable),
};

/** Finds an option that no issuer could accept, before anything is sent. */
export function connectFault(options: ConnectOptions): string | undefined {
  return (
    optionsFault(options, 'connect', CONNECT) ??
    issuerFault(options.issuer, 'connect') ??
    audienceFault(options.audience, 'connect') ??
    grantsFault(options.grants, 'connect: grants') ??
    (typeof options.stepUp === 'object'
      ? grantsFault(options.stepUp, 'connect: stepUp')
      : undefined)
  );
}
