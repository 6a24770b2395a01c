import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { isTaskId } from '../tasks.ts';
import type { StreamOf } from './stream-of.ts';

export const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
export const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/**
 * Returns the id of a task as the agent knows it. Undefined if it is not known to be of this
 * workflow.
 */
export async function sealedTaskId(
  taskId: unknown,
  { tasks, sessions, owner, request }: StreamOf,
): Promise<string | undefined> {
  if (!isTaskId(taskId)) return undefined;
  const known = tasks.find(owner, taskId) ?? (request?.call && { taskId, call: request.call });
  return known && tasks.seal(sessions, owner, known);
}

/**
 * Returns the `_meta` of a server's message as the agent receives it: which subscription it belongs
 * to, and which task, under the agent's own ids. Everything else is left out.
 */
export async function passedMeta(
  { _meta: meta }: JsonObject,
  stream: StreamOf,
): Promise<{ readonly _meta: JsonObject }> {
  if (!isJsonObject(meta)) return { _meta: {} };
  const { request } = stream;
  const isOurs = request !== undefined && meta[SUBSCRIPTION] === request.id;
  const task = meta[RELATED_TASK];
  const sealed = isJsonObject(task) ? await sealedTaskId(task.taskId, stream) : undefined;
  return {
    _meta: {
      ...(isOurs && { [SUBSCRIPTION]: request.agentId }),
      ...(sealed !== undefined && { [RELATED_TASK]: { taskId: sealed } }),
    },
  };
}
