import type { Policy, PolicyInput } from '../policy/index.ts';
import { type Decided, decideInOrder, type Outcome, showTerms, showWhole } from './outcome.ts';
import { dependsOnClaims, inputOf } from './policy-input.ts';
import type { Names } from './principal.ts';
import type { SeenRequest } from './seen.ts';

/** A request on which two policies differ. */
export interface PolicyChange {
  /** Its position in the list. */
  readonly index: number;
  readonly before: Decided;
  readonly after: Decided;
}

/** Decides requests under two policies, and returns those with another effect. */
export function comparePolicies(
  before: Policy,
  after: Policy,
  inputs: readonly PolicyInput[],
): readonly PolicyChange[] {
  return inputs.flatMap((input, index) => {
    const change = {
      index,
      before: decideInOrder(before, input),
      after: decideInOrder(after, input),
    };
    return effectOf(change.before) === effectOf(change.after) ? [] : [change];
  });
}

/** What a holder would notice. Which rule decided is not part of it. */
const effectOf = ({ outcomes, ...whole }: Decided): string =>
  JSON.stringify([outcomes.map(effectOn), effectOfWhole(whole)]);

const effectOfWhole = (whole: Omit<Decided, 'outcomes'>): string =>
  JSON.stringify([showWhole(whole), whole.holderRequired]);

/** Returns what a holder would notice of one grant. */
export const effectOn = (outcome: Outcome): string => `${outcome.verdict}${showTerms(outcome)}`;

/** What becomes of a grant under a draft, for all requests with the same change. */
export interface DraftChange {
  readonly was: Side;
  readonly now: Side;
  readonly opens: boolean;
  readonly count: number;
  /** The newest request with the change. */
  readonly example: SeenRequest;
}

/** What a policy says about one grant of a request. */
export interface Side {
  readonly outcome: Outcome;
  readonly whole: Omit<Decided, 'outcomes'>;
}

/** Grants that one answer decides, each under both policies: about five seconds of computing. */
const GRANTS_MAX = 2_000;

/** What a draft would change for recorded requests. */
export interface DraftEffect {
  readonly requests: number;
  readonly unchanged: number;
  readonly unreproducible: number;
  readonly changed: readonly DraftChange[];
  /** False if there are more requests than one answer decides; the newest were decided. */
  readonly isComplete: boolean;
}

/**
 * Decides recorded requests under the active policy and a draft. A request whose difference could
 * be due to the claims that records lack, or whose identities are not configured any more, is
 * counted and not compared.
 */
export function tryDraft(
  active: Policy,
  draft: Policy,
  requests: readonly SeenRequest[],
  names: Names,
): DraftEffect {
  const changes = new Map<string, { -readonly [K in keyof DraftChange]: DraftChange[K] }>();
  const tally = { requests: 0, unchanged: 0, unreproducible: 0 };
  let left = GRANTS_MAX;
  for (const request of requests) {
    left -= request.outcomes.length;
    if (left < 0) break;
    const input = inputOf(request, names);
    const [change] = input ? comparePolicies(active, draft, [input]) : [];
    if (!input || (change && isUncertain(active, draft, input, change))) {
      tally.unreproducible += request.count;
      continue;
    }
    tally.requests += request.count;
    if (!change) {
      tally.unchanged += request.count;
      continue;
    }
    for (const [key, sides] of sidesOf(change)) {
      const known = changes.get(key);
      if (known) known.count += request.count;
      else changes.set(key, { ...sides, count: request.count, example: request });
    }
  }
  const changed = [...changes.values()].sort(
    (a, b) => Number(b.opens) - Number(a.opens) || b.count - a.count,
  );
  return { ...tally, changed, isComplete: left >= 0 };
}

/** Whether a grant is refused on one side only, and the claims of an identity could allow it. */
const isUncertain = (
  active: Policy,
  draft: Policy,
  input: PolicyInput,
  { before, after }: PolicyChange,
): boolean =>
  before.outcomes.some((was, index) => {
    const now = after.outcomes[index];
    if (!now || was.verdict === now.verdict) return false;
    return dependsOnClaims(active, input, index) || dependsOnClaims(draft, input, index);
  });

/** Returns each grant that changes, with a key that is the same for the same change. */
function sidesOf({ before, after }: PolicyChange) {
  const { outcomes: _, ...wholeBefore } = before;
  const { outcomes: __, ...wholeAfter } = after;
  const isWholeSame = effectOfWhole(wholeBefore) === effectOfWhole(wholeAfter);
  return before.outcomes.flatMap((outcome, index) => {
    const other = after.outcomes[index];
    if (!other || (isWholeSame && effectOn(outcome) === effectOn(other))) return [];
    // What a refused grant shares with others of its request concerns only those.
    const isRefused = outcome.verdict !== 'granted' && other.verdict !== 'granted';
    if (isRefused && outcome.verdict === other.verdict) return [];
    const was: Side = { outcome, whole: wholeBefore };
    const now: Side = { outcome: other, whole: wholeAfter };
    const { tool, action } = outcome.grant;
    const key = JSON.stringify([
      [tool, action, effectOn(outcome), effectOn(other), outcome.rule, other.rule],
      isWholeSame ? [] : [effectOfWhole(wholeBefore), effectOfWhole(wholeAfter)],
    ]);
    return [[key, { was, now, opens: opens(was, now) }] as const];
  });
}

/** How much a verdict gives. */
const rank = ({ outcome: { verdict, approvalRequired } }: Side): number =>
  verdict !== 'granted' ? 0 : approvalRequired ? 1 : 2;

/** Whether a draft gives more. Terms that cannot be compared count as more. */
function opens(was: Side, now: Side): boolean {
  if (rank(was) !== rank(now)) return rank(now) > rank(was);
  if (rank(now) === 0) return false;
  const isShorter = now.whole.lifetimeSeconds <= was.whole.lifetimeSeconds;
  const isSameWhole =
    JSON.stringify([was.whole.owner, was.whole.budgets]) ===
    JSON.stringify([now.whole.owner, now.whole.budgets]);
  return !(isShorter && isSameWhole && isConstrainedMore(was.outcome, now.outcome));
}

/** Whether every constraint stays, and no sink is opened. */
function isConstrainedMore(was: Outcome, now: Outcome): boolean {
  const { constraints: before = {}, openSinks: openBefore = [] } = was;
  const { constraints: after = {}, openSinks: openAfter = [] } = now;
  const keeps = Object.entries(before).every(
    ([pointer, kept]) => JSON.stringify(after[pointer]) === JSON.stringify(kept),
  );
  const pointers = new Set(openBefore.map(({ pointer }) => pointer));
  return keeps && openAfter.every(({ pointer }) => pointers.has(pointer));
}
