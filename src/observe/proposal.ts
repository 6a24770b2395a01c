import type { Json } from '../canonical-json.ts';
import type { Action, Constraint } from '../capability/index.ts';

/** What `hewn observe learn` proposes. */
export interface Proposal {
  readonly profiles: readonly Profile[];
  /** What allows more than the recorded calls, with the records that support it. */
  readonly generalisations: readonly Generalisation[];
  /** What the records do not decide, and why. A person has to. */
  readonly undecided: readonly Undecided[];
}

/** Whom a profile is for: workflows of one agent, with or without a user, for one task. */
export interface Party {
  /** As the record has it, qualified by its identity issuer. */
  readonly agent: string;
  /** The identity issuer of the person on whose behalf. Undefined without one. */
  readonly userIssuer: string | undefined;
  /** Absent: any task. */
  readonly task?: string;
}

/** What one kind of workflow may be granted. */
export interface Profile extends Party {
  readonly owner?: string;
  readonly calls: number;
  readonly workflows: number;
  readonly tools: readonly LearnedTool[];
}

/** What one tool may be called with. All grants of a tool have the same bounds. */
export interface LearnedTool {
  readonly tool: string;
  readonly action: Action;
  readonly datasets: readonly string[];
  /** By RFC 6901 pointer. */
  readonly bounds: Readonly<Record<string, Constraint>>;
  /** Sinks that stay open, and how. */
  readonly open: readonly OpenedSink[];
  /** Other arguments of the tool that nothing bounds. */
  readonly free: readonly string[];
}

/** A sink that no policy bounds. */
export interface OpenedSink {
  /** As in the catalogue. */
  readonly pointer: string;
  /** `request`: the agent names the value when it asks for the capability. */
  readonly bound: 'request' | 'nothing';
  readonly reason: string;
}

/** A step from recorded values to something that allows more. */
export interface Generalisation extends Party {
  readonly tool: string;
  /** What was generalised: `dataset`, `tool`, or the pointer of an argument. */
  readonly what: string;
  /** Some of the recorded values. */
  readonly from: readonly Json[];
  /** What is allowed now. */
  readonly to: string;
  /** Why the records support it. */
  readonly why: string;
  /** How many distinct values were recorded. */
  readonly values: number;
  /** Ids of supporting records, bounded. */
  readonly records: readonly string[];
  /** How many records support it. */
  readonly support: number;
}

export interface Undecided extends Party {
  readonly tool: string;
  /** The sink, or empty for the tool as a whole. */
  readonly pointer: string;
  readonly why: string;
  readonly records: readonly string[];
}

/** How far the learner generalises. */
export interface LearnSettings {
  /** Records that must agree before something is generalised beyond them. */
  readonly support: number;
  /** Tasks of an agent that read with a tool before all its tasks may. */
  readonly readers: number;
  /**
   * Workflows, or tasks, that passed an argument before it is bounded although it is no sink. If 60
   * of them brought no new value, at most 5 % of others do (the rule of three).
   */
  readonly boundFrom: number;
  /** How far a range of numbers goes beyond the recorded ones, as a share of its size. */
  readonly margin: number;
  /** Whether profiles are for one task each. `auto`: where tasks repeat. */
  readonly by: 'auto' | 'task' | 'agent';
}

export const LEARN_SETTINGS: LearnSettings = {
  support: 3,
  readers: 2,
  boundFrom: 60,
  margin: 0.1,
  by: 'auto',
};

/** Ids that a generalisation quotes. */
export const QUOTED_RECORDS_MAX = 5;
/** Values that it quotes. */
export const QUOTED_VALUES_MAX = 5;
