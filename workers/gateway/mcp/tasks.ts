import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import type { SessionOwner, Sessions } from './session.ts';

/** The call that made a task. The result of the task is judged as its answer. */
export interface CallOfTask {
  readonly method: string;
  /** The tool. */
  readonly target?: string | undefined;
}

/** A task of a server. */
export interface ServerTask {
  readonly taskId: string;
  readonly call: CallOfTask;
}

const TASKS_MAX = 10_000; // More than an isolate sees in the life of most tasks.
const TASK_ID_LENGTH_MAX = 1_024;

/**
 * The tasks that this isolate has seen a server make, by their owner.
 *
 * An agent gets the id of a task sealed to its workflow, so that no other workflow can read or
 * cancel it. Every isolate opens what another has sealed. Only what a server reports about a task
 * by its own id, in a list or a notification, needs this memory: the gateway cannot ask a server
 * whose task it is.
 */
export class Tasks {
  readonly #calls = new Map<string, CallOfTask>();

  /** Remembers the task, and returns its id as the agent knows it. */
  seal(sessions: Sessions, owner: SessionOwner, { taskId, call }: ServerTask): Promise<string> {
    if (this.#calls.size >= TASKS_MAX) this.#calls.clear();
    this.#calls.set(keyOf(owner, taskId), call);
    const { method, target } = call;
    return sessions.sealAs('task', JSON.stringify([taskId, method, target ?? null]), owner);
  }

  /** Returns the task of this owner; undefined if this isolate has not seen it. */
  find(owner: SessionOwner, taskId: string): ServerTask | undefined {
    const call = this.#calls.get(keyOf(owner, taskId));
    return call && { taskId, call };
  }
}

/** Returns the task with an id that an agent was given; undefined if it is not its task. */
export async function openTask(
  sessions: Sessions,
  owner: SessionOwner,
  sealed: unknown,
): Promise<ServerTask | undefined> {
  const opened = typeof sealed === 'string' && (await sessions.openAs('task', sealed, owner));
  if (!opened) return undefined;
  const [taskId, method, target] = JSON.parse(opened) as readonly [string, string, string | null];
  return { taskId, call: { method, target: target ?? undefined } };
}

const keyOf = ({ workflow, server }: SessionOwner, taskId: string): string =>
  JSON.stringify([workflow, server, taskId]);

/** Whose tasks are sealed, and where they are remembered. */
export interface TaskPlace {
  readonly tasks: Tasks;
  readonly sessions: Sessions;
  readonly owner: SessionOwner;
}

/** Seals the id of a task that a call has made, in the forms of both revisions. */
export async function withSealedTask(
  answer: JsonObject,
  { tasks, sessions, owner }: TaskPlace,
  call: CallOfTask,
): Promise<JsonObject> {
  const { result } = answer;
  if (!isJsonObject(result)) return answer;
  const seal = (taskId: string) => tasks.seal(sessions, owner, { taskId, call });
  // 2025-11-25: the task is a member. In the extension of 2026-07-28, the result is the task.
  const { task } = result;
  if (isJsonObject(task) && isTaskId(task.taskId)) {
    const taskId = await seal(task.taskId);
    return { ...answer, result: { ...result, task: { ...task, taskId } } };
  }
  if (result.resultType === 'task' && isTaskId(result.taskId)) {
    return { ...answer, result: { ...result, taskId: await seal(result.taskId) } };
  }
  return answer;
}

export const isTaskId = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= TASK_ID_LENGTH_MAX;
