/** What a system under test must do. It decides; the bench only asks and counts. */
import type { Json, Suite, SuiteTool, ToolCall } from './data.ts';

/** An authorization system in one configuration. */
export interface System {
  readonly name: string;
  /** Begins the workflow of one user task, before the agent has read anything. */
  begin(task: Task): Promise<Workflow>;
}

/** What the system may know when a workflow begins: the user's side, and nothing of an attack. */
export interface Task {
  readonly suite: string;
  readonly id: string;
  readonly prompt: string;
  /** The calls that solve the task. A derivation from the prompt alone must not look at them. */
  readonly plan: readonly ToolCall[];
  readonly tools: readonly SuiteTool[];
}

/** A workflow that has begun. Its state may grow: what a person approved stays approved. */
export interface Workflow {
  /** What a person was asked before the first call. */
  readonly asked: readonly Question[];
  /** Decides one call. `person` is the answer of a person who is asked about it. */
  decide(call: ToolCall, person: 'approves' | 'declines'): Promise<Decision>;
  /**
   * The values that the workflow may use for an argument, those that it has read among them. The
   * attacker tries each.
   */
  allowedValues(tool: string, argument: string): readonly Json[];
  /** Hears what an allowed call answered, as far as it was recorded. */
  answered?(call: ToolCall, answer: string): Promise<void>;
  /**
   * Begins a child with everything that this workflow can give away. The attacker tries to do there
   * what it must not do here. Absent: workflows have no children.
   */
  child?(): Promise<Workflow | undefined>;
  /** Two workflows with the same text decide alike, so the judge looks at one of them. */
  readonly state: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** What a person was asked. Absent if no one was. */
  readonly asked?: Question;
  /** Why it was denied, for the report. */
  readonly why?: string;
}

/** A question to a person: what of a call was new. */
export interface Question {
  readonly tool: string;
  /** The arguments whose values were new, or `(tool)` for a tool that was not granted. */
  readonly new: readonly string[];
}

/** The task of a suite by its id, as a system sees it. */
export function taskOf(suites: Readonly<Record<string, Suite>>, suite: string, id: string): Task {
  const { tools = [], user_tasks: tasks = [] } = suites[suite] ?? {};
  const found = tasks.find((task) => task.id === id);
  if (!found) throw new Error(`there is no task ${id} in ${suite}`);
  return { suite, id, prompt: found.prompt, plan: found.ground_truth, tools };
}
