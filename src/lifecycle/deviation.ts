import { covers, type Grant } from '../capability/index.ts';
import { isOneOfCodes } from '../denials/index.ts';
import type { Condition, Rule, RuleAction, Tripwires } from './rules.ts';

/** What the rules read of a decision record; times are unix milliseconds. */
export interface ObservedRecord {
  readonly id: string;
  readonly at: number;
  readonly allowed: boolean;
  readonly code?: string | undefined;
  readonly tool?: string | undefined;
  readonly datasets?: readonly string[] | undefined;
  readonly tier?: number | undefined;
  /** Of a denial: it told the agent what to ask the issuer for. */
  readonly invites?: boolean | undefined;
}

/** A step-up that was granted. */
export interface GrantedStepUp {
  /** Unix milliseconds; no earlier than the mint. */
  readonly at: number;
  readonly grants: readonly Pick<Grant, 'tool' | 'dataset'>[];
}

/** Everything that the rules may look at. */
export interface RuleInput {
  /** Decision records of the workflow, in the order in which they came. */
  readonly records: readonly ObservedRecord[];
  readonly tripwires: Tripwires;
  readonly answered: readonly GrantedStepUp[];
  /** Unix milliseconds of the workflow's end; absent while it lives. */
  readonly endedAt?: number;
  /** The ids of what ran over a budget, one entry each time; empty where nothing did. */
  readonly overruns: readonly (readonly string[])[];
}

/** That a rule holds, with the ids of the records that led to it. */
export interface Finding {
  readonly rule: string;
  readonly version: number;
  readonly action: RuleAction;
  readonly shadow: boolean;
  readonly evidence: readonly string[];
}

/**
 * The rules that hold, hardest first. Decided by the records' own times, so that records which come
 * late or twice decide the same.
 */
export const findDeviations = (rules: readonly Rule[], scene: RuleInput): readonly Finding[] =>
  rules.flatMap(({ id, version, condition, action, shadow }) => {
    const evidence = evidenceFor(condition, scene);
    return evidence.length === 0 ? [] : [{ rule: id, version, action, shadow, evidence }];
  });

function evidenceFor(condition: Condition, scene: RuleInput): readonly string[] {
  const { records, tripwires, answered, endedAt, overruns } = scene;
  switch (condition.kind) {
    case 'denials': {
      const counted = records.filter(
        (record) =>
          !record.allowed &&
          isOneOfCodes(condition.codes, record.code) &&
          (condition.which === 'inviting') === (record.invites === true) &&
          (condition.tier === undefined || condition.tier === record.tier) &&
          !isAnswered(record, answered),
      );
      return within(counted, condition.count, condition.withinSeconds * 1000);
    }
    case 'tripwire':
      return records.filter((record) => touches(record, tripwires)).map(({ id }) => id);
    case 'used_after_end':
      // An answer that was on its way at the end is no use after it.
      return endedAt === undefined
        ? []
        : records.filter(({ at }) => at > endedAt).map(({ id }) => id);
    case 'budget':
      return overruns.length < condition.times ? [] : (overruns.at(-1) ?? []);
  }
}

/** Whether the workflow has stepped up afterwards to what the call lacked. */
const isAnswered = (
  { at, tool, datasets }: ObservedRecord,
  answered: readonly GrantedStepUp[],
): boolean =>
  datasets !== undefined &&
  datasets.length > 0 &&
  answered.some(
    (step) =>
      step.at >= at &&
      datasets.every((dataset) =>
        step.grants.some((grant) => grant.tool === tool && covers(grant.dataset, dataset)),
      ),
  );

/** The first `count` records, by time, of which the last is at most `span` after the first. */
function within(
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
