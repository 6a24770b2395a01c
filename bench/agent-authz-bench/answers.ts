/** What tools answered in the recordings: the part of their environment that a system can learn. */
import type { Json, JsonObject, RecordedRun, Suite, ToolCall } from './data.ts';

/** An argument that only says how many elements a list may have. */
const LIMITS: ReadonlySet<string> = new Set(['n', 'limit', 'count', 'max_results']);

/** A recorded call and its answer. */
export interface AnsweredCall {
  readonly call: ToolCall;
  readonly answer: string;
}

/**
 * The answers of a suite. A call that differs from a recorded one only in its limit has the same
 * answer, if the recorded list is shorter than both limits. Of other calls nothing is known.
 */
export class RecordedAnswers {
  /** The recorded reads: what an attacker can read if the calls are allowed. */
  readonly reads: readonly AnsweredCall[];
  readonly #byCall = new Map<string, AnsweredCall>();
  readonly #withLimit: readonly AnsweredCall[];

  /** `runs` are those of the suite. What they read, an attacker can read as well. */
  constructor({ user_tasks: tasks, tools }: Suite, runs: readonly RecordedRun[] = []) {
    const effects = new Set(tools.flatMap(({ name, effectful }) => (effectful ? [name] : [])));
    const plans = tasks.map((task) => ({ calls: task.ground_truth, outputs: task.tool_outputs }));
    const done = runs.map(({ calls, tool_outputs: outputs }) => ({ calls, outputs }));
    for (const { calls, outputs = [] } of [...plans, ...done]) {
      // What an earlier change did to the answer is not what another plan or run would see.
      let isChanged = false;
      for (const [index, call] of calls.entries()) {
        const answer = outputs[index];
        if (typeof answer === 'string' && !isChanged) {
          const key = keyOf(call.function, call.args);
          if (!this.#byCall.has(key)) this.#byCall.set(key, { call, answer });
        }
        isChanged ||= effects.has(call.function);
      }
    }
    const all = [...this.#byCall.values()];
    this.reads = all.filter(({ call }) => !effects.has(call.function));
    this.#withLimit = this.reads.filter(({ call }) => limitOf(call) !== undefined);
  }

  /** Returns the answer of a call. Undefined if it is not known. */
  of(call: ToolCall): string | undefined {
    const exact = this.#byCall.get(keyOf(call.function, call.args));
    if (exact) return exact.answer;
    const limit = limitOf(call);
    if (limit === undefined) return undefined;
    const other = this.#withLimit.find(
      (one) => keyOf(one.call.function, rest(one.call)) === keyOf(call.function, rest(call)),
    );
    if (!other) return undefined;
    const length = other.answer.match(/^- /gm)?.length ?? 0;
    const shorter = Math.min(limit, limitOf(other.call) ?? 0);
    return length > 0 && length < shorter ? other.answer : undefined;
  }
}

const keyOf = (name: string, args: JsonObject): string =>
  JSON.stringify([name, Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))]);

function limitOf({ args }: ToolCall): number | undefined {
  const found = Object.entries(args).find(([name]) => LIMITS.has(name))?.[1];
  return typeof found === 'number' ? found : undefined;
}

const rest = ({ args }: ToolCall): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(args).filter(([name]) => !LIMITS.has(name)));
