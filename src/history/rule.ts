/** The tool whose calls a rule counts or waits for, and what it says about them. */

/** Whose calls a rule counts together. `workflow` is a root workflow and everything below it. */
export const HISTORY_SCOPES = ['workflow', 'agent', 'subject', 'owner'] as const;
export type HistoryScope = (typeof HISTORY_SCOPES)[number];

/** How an earlier call ended. `failed`: it was denied, or failed, or no one knows. */
export const HISTORY_RESULTS = ['ok', 'failed', 'any'] as const;
export type HistoryResult = (typeof HISTORY_RESULTS)[number];

/** What every rule over history says. */
interface RuleBase {
  /** Names the rule in refusals, and its memory: a rule with another id remembers nothing. */
  readonly id: string;
  /** The tools that it bounds. */
  readonly tools: readonly string[];
  readonly scope: HistoryScope;
  /** Only calls of the last seconds count. Absent: all calls of the workflow. */
  readonly within?: number;
  /** Why the rule exists, for the person who reads a refusal. */
  readonly reason: string;
}

/** Where the value of a call is: one RFC 6901 pointer, or one for each tool. */
export type ArgumentOf = string | Readonly<Record<string, string>>;

/** At most so many calls. */
export interface CallsRule extends RuleBase {
  readonly kind: 'calls';
  readonly most: number;
}

/** At most so much altogether. */
export interface SumRule extends RuleBase {
  readonly kind: 'sum';
  readonly argument: ArgumentOf;
  /** In millionths. */
  readonly mostMicros: number;
}

/** At most so many different values, such as recipients. */
export interface DistinctRule extends RuleBase {
  readonly kind: 'distinct';
  readonly argument: ArgumentOf;
  readonly most: number;
}

/** Each value once, such as the id of an approval. */
export interface OnceRule extends RuleBase {
  readonly kind: 'once';
  readonly argument: ArgumentOf;
}

/** The same value in the call and in the earlier one. */
export interface SameValue {
  /** RFC 6901 pointer into the arguments of the call. */
  readonly here: string;
  /** RFC 6901 pointer into the arguments of the earlier call. */
  readonly there: string;
}

/** Only after another call. */
export interface AfterRule extends RuleBase {
  readonly kind: 'after';
  /** A call of any of these. */
  readonly of: readonly string[];
  readonly result: Exclude<HistoryResult, 'failed'>;
  readonly same?: SameValue;
  /** How many earlier calls there have to be. */
  readonly least: number;
  /** How many calls each earlier call permits. Absent: any number. */
  readonly uses?: number;
  /** A call of one of these voids the earlier calls. */
  readonly unless?: readonly string[];
}

/** Not after another call. */
export interface NotAfterRule extends RuleBase {
  readonly kind: 'not_after';
  /** A call of any of these. */
  readonly of: readonly string[];
  readonly result: HistoryResult;
  readonly same?: SameValue;
}

/** A rule over the earlier calls of a workflow and its family, or of a scope. */
export type HistoryRule = CallsRule | SumRule | DistinctRule | OnceRule | AfterRule | NotAfterRule;

/** Returns the tools whose calls a rule remembers, beside those that it bounds. */
export const watchedBy = (rule: HistoryRule): readonly string[] => {
  if (rule.kind === 'after') return [...rule.of, ...(rule.unless ?? [])];
  return rule.kind === 'not_after' ? rule.of : [];
};

/** Returns the rules that a call of a tool is judged by, or that remember it. */
export const rulesOf = (rules: readonly HistoryRule[], tool: string): readonly HistoryRule[] =>
  rules.filter((rule) => rule.tools.includes(tool) || watchedBy(rule).includes(tool));

/**
 * Returns the pointer of the value of a call. Returns undefined if the rule reads no value of it.
 */
export function pointersFor(rule: HistoryRule, tool: string): readonly string[] {
  switch (rule.kind) {
    case 'calls':
      return [];
    case 'sum':
    case 'distinct':
    case 'once':
      return rule.tools.includes(tool) ? [argumentFor(rule.argument, tool)] : [];
    case 'after':
    case 'not_after': {
      const { same, of, tools } = rule;
      if (!same) return [];
      return [
        ...(tools.includes(tool) ? [same.here] : []),
        ...(of.includes(tool) ? [same.there] : []),
      ];
    }
  }
}

/** Returns the pointer for a tool. A declaration names every tool, so there is always one. */
export function argumentFor(argument: ArgumentOf, tool: string): string {
  if (typeof argument === 'string') return argument;
  return Object.hasOwn(argument, tool) ? (argument[tool] ?? '') : '';
}
