import type { UnixSeconds } from '../clock.ts';
import { CLOCK_SKEW_SECONDS_MAX, COMPLETING_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type ActorKind, isTerminal, type Move, stateAfter, type WorkflowState } from './state.ts';

/**
 * How a workflow ends with the process that renews it: by the clock, after this long without a
 * mint. Calls do not count, because an agent that no one watches any more may go on calling.
 */
export interface RenewalLease {
  readonly seconds: number;
  /** The last mint or resumption. */
  readonly renewedAt: UnixSeconds;
}

/** The part of a workflow that its transitions depend on. */
export interface Lifecycle {
  readonly id: string;
  readonly state: WorkflowState;
  /** Raised by every resumption. Tokens of an older generation are denied. */
  readonly gen: number;
  /** No capability of the workflow lives longer. */
  readonly ends: UnixSeconds;
  /** The workflow expires after this long without a mint or a call. */
  readonly idleSeconds: number;
  /** The last mint, call or resumption. */
  readonly activeAt: UnixSeconds;
  /** Of a workflow that must be renewed. */
  readonly lease?: RenewalLease;
  /** The end of its last capability. */
  readonly tokensEnd: UnixSeconds;
  /** Who suspended it, while it is suspended. */
  readonly suspendedBy?: ActorKind;
  /** The end of the grace period, while it is completing. */
  readonly graceEnds?: UnixSeconds;
}

export interface TransitionRequest {
  readonly move: Move;
  readonly by: ActorKind;
  /** For `complete`: time for calls in flight, at most `COMPLETING_SECONDS_MAX`. */
  readonly graceSeconds?: number;
}

/** The feed entry that a transition requires, before it has times and a position. */
export type LifecycleEntry =
  | { readonly kind: 'workflow'; readonly id: string }
  /** A generation is suspended once, so `gen` tells this suspension from the next. */
  | { readonly kind: 'suspension'; readonly id: string; readonly gen: number }
  | { readonly kind: 'resumption'; readonly id: string; readonly gen: number };

export interface Transition {
  readonly from: WorkflowState;
  readonly by: ActorKind;
  readonly move: Move;
  readonly after: Lifecycle;
  /** Absent if no unexpired token needs it, or if the tokens stay valid. */
  readonly entry?: LifecycleEntry;
}

export interface TransitionRefused {
  readonly code: 'move_refused';
  readonly state: WorkflowState;
  readonly move: Move;
}

/**
 * Decides one transition, or refuses it. `tokensEnd` covers the whole subtree: a child's token
 * may outlive its parent's, and the parent's feed entry is what stops it.
 */
export function transition(
  current: Lifecycle,
  { move, by, graceSeconds = 0 }: TransitionRequest,
  now: UnixSeconds,
  tokensEnd: UnixSeconds = current.tokensEnd,
): Result<Transition, TransitionRefused> {
  const refused = refuse({ code: 'move_refused', state: current.state, move } as const);
  const state = stateAfter(current.state, move, by);
  if (state === undefined) return refused;
  // A resumed parent does not resume what an operator or a rule has stopped.
  if (move === 'resume' && by === 'parent' && current.suspendedBy !== 'parent') return refused;
  const { suspendedBy: _by, graceEnds: _ends, lease, ...rest } = current;
  const gen = move === 'resume' ? current.gen + 1 : current.gen;
  const grace = Math.min(Math.max(0, graceSeconds), COMPLETING_SECONDS_MAX);
  const after: Lifecycle = {
    ...rest,
    state,
    gen,
    ...(move === 'resume' && { activeAt: now }),
    ...(lease && { lease: move === 'resume' ? { ...lease, renewedAt: now } : lease }),
    ...(state === 'suspended' && { suspendedBy: by }),
    ...(state === 'completing' && { graceEnds: Math.min(now + grace, current.ends) }),
  };
  const entry = ENTRIES[state](after, move, tokensEnd + CLOCK_SKEW_SECONDS_MAX >= now);
  return ok({ from: current.state, by, move, after, ...(entry && { entry }) });
}

type EntryOf = (after: Lifecycle, move: Move, hasTokens: boolean) => LifecycleEntry | undefined;

const noEntry: EntryOf = () => undefined;
/** Needed while a token may be valid at a verifier whose clock is behind. */
const endEntry: EntryOf = ({ id }, _, hasTokens) =>
  hasTokens ? { kind: 'workflow', id } : undefined;

/**
 * The feed entry for entering each state. A new state does not compile until it states whether its
 * tokens become invalid: without an entry, they stay valid.
 */
const ENTRIES: Readonly<Record<WorkflowState, EntryOf>> = {
  pending: noEntry,
  active: ({ id, gen }, move) => (move === 'resume' ? { kind: 'resumption', id, gen } : undefined),
  suspended: ({ id, gen }) => ({ kind: 'suspension', id, gen }),
  completing: noEntry,
  completed: endEntry,
  failed: endEntry,
  expired: endEntry,
  // Always, whatever the clocks say: an operator may revoke because the clocks are wrong.
  revoked: ({ id }) => ({ kind: 'workflow', id }),
};

/** Returns the transition that the clock requires now, if there is one. */
export function due(current: Lifecycle, now: UnixSeconds): TransitionRequest | undefined {
  const at = dueAt(current);
  if (at === undefined || now <= at) return undefined;
  return { move: current.state === 'completing' ? 'finish' : 'expire', by: 'clock' };
}

/** Returns when the clock makes its next transition; undefined once the workflow has ended. */
export function dueAt({
  state,
  ends,
  idleSeconds,
  activeAt,
  lease,
  graceEnds,
}: Lifecycle): UnixSeconds | undefined {
  if (isTerminal(state)) return undefined;
  if (state === 'completing') return Math.min(ends, graceEnds ?? ends);
  // A suspended workflow cannot act, so it does not expire for being idle.
  if (state === 'suspended') return ends;
  const unrenewed = lease ? lease.renewedAt + lease.seconds : ends;
  return Math.min(ends, activeAt + idleSeconds, unrenewed);
}

/** Returns the state at `now`, even if the alarm that stores it is late. */
export function stateAt(current: Lifecycle, now: UnixSeconds): WorkflowState {
  const request = due(current, now);
  return (request && stateAfter(current.state, request.move, request.by)) ?? current.state;
}

/** Returns whether a capability may be minted: only for an active workflow. */
export const mayMint = (current: Lifecycle, now: UnixSeconds): boolean =>
  stateAt(current, now) === 'active';
