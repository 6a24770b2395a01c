/** Puts a system through the recorded attacks and the recorded honest runs. */
import { RecordedAnswers } from './answers.ts';
import { Attacker, type JudgedPair } from './attacker.ts';
import {
  attackPairs,
  type RecordedRun,
  type Recordings,
  type SuiteTool,
  solvedRuns,
  type ToolCall,
} from './data.ts';
import { type Question, type System, taskOf, type Workflow } from './system.ts';

/** An honest run, call by call. A person who is asked approves. */
export interface HonestRun {
  readonly run: RecordedRun;
  readonly denied: readonly { readonly call: ToolCall; readonly why: string }[];
  readonly asked: readonly Question[];
  /** Calls that change something, and those of them that a person was asked about. */
  readonly consequential: number;
  readonly consequentialAsked: number;
}

export interface Judgement {
  readonly system: string;
  readonly honest: readonly HonestRun[];
  readonly pairs: readonly JudgedPair[];
}

/**
 * Judges a system. An attack is tried in the workflow as it began, and after each honest run with
 * everything that a person approved in it.
 */
export async function judge(recordings: Recordings, system: System): Promise<Judgement> {
  const honest: HonestRun[] = [];
  const pairs: JudgedPair[] = [];
  const byTask = grouped(solvedRuns(recordings), (run) => `${run.suite}/${run.user_task}`);
  const attacks = grouped(attackPairs(recordings), (pair) => `${pair.suite}/${pair.task}`);
  for (const [suite, recorded] of Object.entries(recordings.suites)) {
    const { user_tasks: tasks, tools } = recorded;
    const ofSuite = recordings.runs.filter((run) => run.suite === suite);
    const answers = new RecordedAnswers(recorded, ofSuite);
    for (const { id, ground_truth: plan, first_injection_step: step } of tasks) {
      const injected = plan[step ?? 0];
      const key = `${suite}/${id}`;
      const task = taskOf(recordings.suites, suite, id);
      const begun = await system.begin(task);
      const states = new Map([[begun.state, begun]]);
      for (const run of byTask.get(key) ?? []) {
        const workflow = await system.begin(task);
        honest.push(await follow(run, workflow, tools, answers));
        if (!states.has(workflow.state)) states.set(workflow.state, workflow);
      }
      const attacker = new Attacker([...states.values()], tools, answers, injected);
      pairs.push(...(await attacker.attack(attacks.get(key) ?? [])));
    }
  }
  return { system: system.name, honest, pairs };
}

/** `Map.groupBy`, for Node 20. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

async function follow(
  run: RecordedRun,
  workflow: Workflow,
  tools: readonly SuiteTool[],
  answers: RecordedAnswers,
): Promise<HonestRun> {
  const denied: { call: ToolCall; why: string }[] = [];
  const asked = [...workflow.asked];
  let [consequential, consequentialAsked] = [0, 0];
  for (const [index, call] of run.calls.entries()) {
    const { allowed, asked: question, why = '' } = await workflow.decide(call, 'approves');
    if (!allowed) denied.push({ call, why });
    const recorded = run.tool_outputs?.[index] ?? answers.of(call);
    const answer = allowed ? recorded : undefined;
    if (answer !== undefined) await workflow.answered?.(call, answer);
    if (question) asked.push(question);
    if (!tools.some(({ name, effectful }) => name === call.function && effectful)) continue;
    consequential += 1;
    if (question) consequentialAsked += 1;
  }
  return { run, denied, asked, consequential, consequentialAsked };
}
