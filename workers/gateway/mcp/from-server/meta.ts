import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import type { StreamOf } from './stream-of.ts';

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
export const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/**
 * Returns the `_meta` of a server's message as the agent receives it: which subscription it belongs
 * to, and which task, under the agent's own ids. Everything else is left out.
 */
export async function passedMeta(
  { _meta: meta }: JsonObject,
  { request, sessions, owner }: StreamOf,
): Promise<{ readonly _meta: JsonObject }> {
  if (!isJsonObject(meta)) return { _meta: {} };
  const isOurs = request !== undefined && meta[SUBSCRIPTION] === request.id;
  const task = meta[RELATED_TASK];
  const taskId = isJsonObject(task) ? task.taskId : undefined;
  return {
    _meta: {
      ...(isOurs && { [SUBSCRIPTION]: request.agentId }),
      ...(typeof taskId === 'string' && {
        [RELATED_TASK]: { taskId: await sessions.sealAs('task', taskId, owner) },
      }),
    },
  };
}
