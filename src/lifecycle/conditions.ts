import { covers, type Grant } from '../capability/index.ts';
import type { UnixMilliseconds } from '../clock.ts';
import { type DenialCode, isOneOfCodes } from '../denials/index.ts';

/** What a deviation rule looks for. A new kind needs a row in `CONDITIONS`. */
export type Condition =
  /** `count` denials with one of these codes within `withinSeconds`. */
  | {
      readonly kind: 'denials';
      readonly codes: readonly DenialCode[];
      /**
       * Whether to count the denials that invited a step-up, or the others. A denial is not counted
       * if the workflow stepped up to what the call lacked: the policy, or a person, allowed it.
       */
      readonly which: 'inviting' | 'other';
      /** Count only calls of this tier. */
      readonly tier?: 3;
      readonly count: number;
      readonly withinSeconds: number;
    }
  /** A call of a tool or dataset that no one was ever granted, whether it was allowed or denied. */
  | { readonly kind: 'tripwire' }
  /** A call after the workflow's end. */
  | { readonly kind: 'used_after_end' }
  /** More than a budget was requested, for the n-th time in the workflow's life. */
  | { readonly kind: 'budget'; readonly times: number };

/** The part of a decision record that the rules read. */
export interface ObservedRecord {
  readonly id: string;
  readonly at: UnixMilliseconds;
  readonly allowed: boolean;
  readonly code?: string | undefined;
  readonly tool?: string | undefined;
  readonly datasets?: readonly string[] | undefined;
  readonly tier?: number | undefined;
  /** The denial told the agent what to request from the issuer. */
  readonly invites?: boolean | undefined;
}

/** A step-up that the issuer granted. */
export interface GrantedStepUp {
  /** Not before the mint. */
  readonly at: UnixMilliseconds;
  readonly grants: readonly Pick<Grant, 'tool' | 'dataset'>[];
}

/** Names that no one was ever granted. An agent that uses one is looking around. */
export interface Tripwires {
  readonly tools: readonly string[];
  /** Each dataset stands for itself and everything below it. */
  readonly datasets: readonly string[];
}

/** Everything that a condition may read. */
export interface RuleInput {
  /** Decision records of the workflow, in order of arrival. */
  readonly records: readonly ObservedRecord[];
  readonly tripwires: Tripwires;
  readonly stepUps: readonly GrantedStepUp[];
  /** The workflow's end; absent while it lives. */
  readonly endedAt?: UnixMilliseconds;
  /** For each time that a budget was exceeded, the ids of the records that show it. */
  readonly overruns: readonly (readonly string[])[];
}

/** What a rule had seen when it last held; zeros if it never held. */
export interface LastFinding {
  /** The number of the newest record at that time. */
  readonly record: number;
  /** How often a budget had been exceeded by then. */
  readonly overruns: number;
}

interface ConditionKind<C extends Condition> {
  /** Returns the ids of the records that fulfil the condition; empty if it does not hold. */
  evidence(condition: C, input: RuleInput): readonly string[];
  /** Whether the condition may hold again after it held once. */
  mayHoldAgain(last: LastFinding, input: RuleInput): boolean;
}

type ConditionOf<Kind extends Condition['kind']> = Extract<Condition, { kind: Kind }>;

const CONDITIONS: { readonly [Kind in Condition['kind']]: ConditionKind<ConditionOf<Kind>> } = {
  denials: {
    evidence({ codes, which, tier, count, withinSeconds }, { records, stepUps }) {
      const counted = records.filter(
        (record) =>
          !record.allowed &&
          isOneOfCodes(codes, record.code) &&
          (which === 'inviting') === (record.invites === true) &&
          (tier === undefined || tier === record.tier) &&
          !wasGrantedLater(record, stepUps),
      );
      return firstWithin(counted, count, withinSeconds * 1000);
    },
    mayHoldAgain: () => true,
  },
  tripwire: {
    evidence: (_, { records, tripwires }) =>
      records.filter((record) => touches(record, tripwires)).map(({ id }) => id),
    mayHoldAgain: () => true,
  },
  used_after_end: {
    // A call whose answer was on its way at the end was made before the end.
    evidence: (_, { records, endedAt }) =>
      endedAt === undefined ? [] : records.filter(({ at }) => at > endedAt).map(({ id }) => id),
    // Nothing is left to stop, so retries of the same agent are not reported again.
    mayHoldAgain: ({ record }) => record === 0,
  },
  budget: {
    evidence: ({ times }, { overruns }) => (overruns.length < times ? [] : (overruns.at(-1) ?? [])),
    mayHoldAgain: (last, { overruns }) => overruns.length > last.overruns,
  },
};

// The compiler cannot see that `condition.kind` selects the row for this very kind.
const kindOf = (condition: Condition): ConditionKind<Condition> => CONDITIONS[condition.kind];

/** Returns the ids of the records that fulfil a condition; empty if it does not hold. */
export const evidenceFor = (condition: Condition, input: RuleInput): readonly string[] =>
  kindOf(condition).evidence(condition, input);

/** Returns whether a rule with this condition can find anything new since it last held. */
export const mayHoldAgain = (condition: Condition, last: LastFinding, input: RuleInput): boolean =>
  kindOf(condition).mayHoldAgain(last, input);

/** Returns whether the workflow stepped up afterwards to what the call lacked. */
const wasGrantedLater = (
  { at, tool, datasets }: ObservedRecord,
  stepUps: readonly GrantedStepUp[],
): boolean =>
  datasets !== undefined &&
  datasets.length > 0 &&
  stepUps.some(
    (step) =>
      step.at >= at &&
      datasets.every((dataset) =>
        step.grants.some((grant) => grant.tool === tool && covers(grant.dataset, dataset)),
      ),
  );

/** Returns the first `count` records, by time, that lie within `span` milliseconds. */
function firstWithin(
  records: readonly ObservedRecord[],
  count: number,
  span: number,
): readonly string[] {
  const sorted = [...records].sort((a, b) => a.at - b.at);
  for (const [index, last] of sorted.entries()) {
    const first = sorted[index - count + 1];
    if (first && last.at - first.at <= span) {
      return sorted.slice(index - count + 1, index + 1).map(({ id }) => id);
    }
  }
  return [];
}

function touches({ tool, datasets = [] }: ObservedRecord, tripwires: Tripwires): boolean {
  if (tool !== undefined && tripwires.tools.includes(tool)) return true;
  return datasets.some((dataset) =>
    tripwires.datasets.some((wire) => dataset === wire || dataset.startsWith(`${wire}/`)),
  );
}
