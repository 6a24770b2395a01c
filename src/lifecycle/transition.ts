import { CLOCK_SKEW_SECONDS_MAX, COMPLETING_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type ActorKind, isTerminal, type Move, stateAfter, type WorkflowState } from './state.ts';

/** One workflow as far as its life goes. Times are unix seconds. */
export interface Lifecycle {
  readonly id: string;
  readonly state: WorkflowState;
  /** Raised by every resumption; a token of an older one is dead. */
  readonly gen: number;
  /** Beyond it the workflow has no capability. */
  readonly ends: number;
  /** Without a mint or a call for so many seconds it expires. */
  readonly idleSeconds: number;
  /** The last mint, call or resumption. */
  readonly activeAt: number;
  /** The end of the last of its capabilities. */
  readonly tokensEnd: number;
  /** Who suspended it, while it is suspended. */
  readonly suspendedBy?: ActorKind;
  /** The end of the grace, while it is completing. */
  readonly graceEnds?: number;
}

export interface TransitionRequest {
  readonly move: Move;
  readonly by: ActorKind;
  /** Of `complete`: seconds for what is in flight; no more than `COMPLETING_SECONDS_MAX`. */
  readonly graceSeconds?: number;
}

/** What the revocation log has to say of a transition. */
export type LifecycleEntry =
  | { readonly kind: 'workflow'; readonly id: string }
  /** Of its generation, which is suspended once. */
  | { readonly kind: 'suspension'; readonly id: string; readonly gen: number }
  | { readonly kind: 'resumption'; readonly id: string; readonly gen: number };

export interface Transition {
  readonly from: WorkflowState;
  readonly by: ActorKind;
  readonly move: Move;
  readonly after: Lifecycle;
  /** Absent where no token is left that it could hit, and where tokens live on. */
  readonly word?: LifecycleEntry;
}

export interface TransitionRefused {
  readonly code: 'move_refused';
  readonly state: WorkflowState;
  readonly move: Move;
}

/**
 * One step of a life, or why there is none. `tokensEnd` is that of the whole subtree: a child's
 * token may outlive its parent's, and the parent's entry is what kills it.
 */
export function transition(
  held: Lifecycle,
  { move, by, graceSeconds = 0 }: TransitionRequest,
  now: number,
  tokensEnd: number = held.tokensEnd,
): Result<Transition, TransitionRefused> {
  const refused = refuse({ code: 'move_refused', state: held.state, move } as const);
  const state = stateAfter(held.state, move, by);
  if (state === undefined) return refused;
  // What the operator or a rule has stopped is not started again by a parent that comes back.
  if (move === 'resume' && by === 'parent' && held.suspendedBy !== 'parent') return refused;
  const { suspendedBy: _by, graceEnds: _ends, ...rest } = held;
  const gen = move === 'resume' ? held.gen + 1 : held.gen;
  const grace = Math.min(Math.max(0, graceSeconds), COMPLETING_SECONDS_MAX);
  const after: Lifecycle = {
    ...rest,
    state,
    gen,
    ...(move === 'resume' && { activeAt: now }),
    ...(state === 'suspended' && { suspendedBy: by }),
    ...(state === 'completing' && { graceEnds: Math.min(now + grace, held.ends) }),
  };
  const word = WORDS[state](after, move, tokensEnd + CLOCK_SKEW_SECONDS_MAX >= now);
  return ok({ from: held.state, by, move, after, ...(word && { word }) });
}

type Saying = (after: Lifecycle, move: Move, hasTokens: boolean) => LifecycleEntry | undefined;

const nothing: Saying = () => undefined;
/** Said while a token may be alive somewhere, whose verifier's clock may be behind. */
const ended: Saying = ({ id }, _, hasTokens) => (hasTokens ? { kind: 'workflow', id } : undefined);

/**
 * What the revocation log is told when a workflow comes into a state. A state that is new does not
 * compile until it says whether its tokens die: one that says nothing leaves them alive.
 */
const WORDS: Readonly<Record<WorkflowState, Saying>> = {
  pending: nothing,
  active: ({ id, gen }, move) => (move === 'resume' ? { kind: 'resumption', id, gen } : undefined),
  suspended: ({ id, gen }) => ({ kind: 'suspension', id, gen }),
  completing: nothing,
  completed: ended,
  failed: ended,
  expired: ended,
  // Whatever the clocks say: it is an order.
  revoked: ({ id }) => ({ kind: 'workflow', id }),
};

/** What the clock has to do by now, if anything. */
export function due(held: Lifecycle, now: number): TransitionRequest | undefined {
  const at = dueAt(held);
  if (at === undefined || now <= at) return undefined;
  return { move: held.state === 'completing' ? 'finish' : 'expire', by: 'clock' };
}

/** When the clock has something to do next, unix seconds; undefined once the workflow is over. */
export function dueAt({ state, ends, idleSeconds, activeAt, graceEnds }: Lifecycle) {
  if (isTerminal(state)) return undefined;
  if (state === 'completing') return Math.min(ends, graceEnds ?? ends);
  // Who is suspended cannot act: that it is idle is no fault of its own.
  if (state === 'suspended') return ends;
  return Math.min(ends, activeAt + idleSeconds);
}

/** The state that holds at `now`, also where the alarm that writes it down is late. */
export function stateAt(held: Lifecycle, now: number): WorkflowState {
  const request = due(held, now);
  return (request && stateAfter(held.state, request.move, request.by)) ?? held.state;
}

/** Whether a capability may be minted for it: of an active one alone. */
export const mayMint = (held: Lifecycle, now: number): boolean => stateAt(held, now) === 'active';
