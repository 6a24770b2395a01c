import type { Budgets, Grant } from '../capability/index.ts';
import type { DpopKey } from '../dpop/index.ts';
import { anything, type Members, optional, optionsFault } from '../options.ts';
import { ConnectFailed } from './connect-failed.ts';
import { type ConnectOptions, connectFault, type StepUp } from './connect-options.ts';
import type { IdentitySource } from './identity/index.ts';
import type { Approval } from './obtain-options.ts';

/** The options of `Connection.child`. What they leave out is as in the workflow above. */
export interface ChildOptions {
  /** What the child is for, in a few words for people and policies. */
  readonly task: string;
  /** At most those of the workflow above. */
  readonly grants: readonly Grant[];
  /** Its share of the budgets of the workflow above; by default, half of what is left of each. */
  readonly budgets?: Budgets;
  /** Who the sub-agent is, if it has an identity of its own. */
  readonly identity?: IdentitySource;
  readonly lifetimeSeconds?: number;
  readonly stepUp?: StepUp;
  readonly approval?: Approval;
}

const CHILD: Members<ChildOptions> = {
  task: anything,
  grants: anything,
  budgets: optional(anything),
  identity: optional(anything),
  lifetimeSeconds: optional(anything),
  stepUp: optional(anything),
  approval: optional(anything),
};

/** Returns the options of a child, bound to the same key. Throws `ConnectFailed`. */
export function childOf(
  above: ConnectOptions,
  child: ChildOptions,
  dpop: DpopKey | false,
): ConnectOptions {
  const { budgets: _, ...own } = child;
  // The child ends with the workflow above, so it needs no lease, and continues no other workflow.
  const { workflow: _2, renewWithinSeconds: _3, approval: _4, prompt: _5, ...shared } = above;
  const options = { ...shared, ...own, dpop };
  const why = optionsFault(child, 'child', CHILD) ?? connectFault(options);
  if (why !== undefined) throw new ConnectFailed('options_invalid', { why, advice: '' });
  return options;
}
