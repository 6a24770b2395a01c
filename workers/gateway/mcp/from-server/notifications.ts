import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { listed, logLevel, type Members, text } from '../params.ts';
import { passedMeta, sealedTaskId } from './meta.ts';
import type { StreamOf } from './stream-of.ts';

type Params = JsonObject | undefined | Promise<JsonObject | undefined>;

/** What the gateway does with one kind of notification of a server. */
interface Notification {
  /** The parameters that reach the agent; undefined for a notification that is dropped. */
  readonly params: (params: JsonObject, stream: StreamOf) => Params;
  /** Whether it shows that the server is working on the request, and gives it more time. */
  readonly gives?: 'seconds';
}

const PROGRESS: Members = {
  progress: v.pipe(v.number(), v.finite()),
  total: v.pipe(v.number(), v.finite()),
  message: text(4_096),
};

const LOG: Members = {
  level: logLevel,
  logger: text(256),
  data: v.unknown(),
};

const nothing = (): JsonObject => ({});

/** Keeps the listed members, and drops a notification without one that it must have. */
const required =
  (members: Members, names: readonly string[]) =>
  (params: JsonObject): JsonObject | undefined => {
    const kept = listed(params, members);
    return names.every((name) => name in kept) ? kept : undefined;
  };

const CHANGES: Members = {
  toolsListChanged: v.boolean(),
  promptsListChanged: v.boolean(),
  resourcesListChanged: v.boolean(),
  resourceSubscriptions: v.pipe(v.array(text(4_096)), v.maxLength(64)),
};

/** What of a subscription the server agreed to. */
async function acknowledged(
  { notifications }: JsonObject,
  stream: StreamOf,
): Promise<JsonObject | undefined> {
  if (!isJsonObject(notifications)) return undefined;
  const { taskIds } = notifications;
  const own: string[] = [];
  for (const id of Array.isArray(taskIds) ? (taskIds as readonly unknown[]) : []) {
    const sealed = await sealedTaskId(id, stream);
    if (sealed !== undefined) own.push(sealed);
  }
  const agreed = listed(notifications, CHANGES);
  return { notifications: { ...agreed, ...(own.length > 0 && { taskIds: own }) } };
}

const TASK: Members = {
  status: v.picklist(['working', 'input_required', 'completed', 'cancelled', 'failed']),
  statusMessage: text(4_096),
  createdAt: text(64),
  lastUpdatedAt: text(64),
  ttl: v.nullable(v.number()),
  ttlMs: v.nullable(v.number()),
  pollInterval: v.number(),
  pollIntervalMs: v.number(),
};

/** The state of a task of this workflow. Its result comes with `tasks/get`, where it is judged. */
async function taskState(params: JsonObject, stream: StreamOf): Promise<JsonObject | undefined> {
  const taskId = await sealedTaskId(params.taskId, stream);
  const kept = listed(params, TASK);
  return taskId !== undefined && 'status' in kept ? { taskId, ...kept } : undefined;
}

/** Every notification of a server that reaches an agent. Any other is dropped. */
const NOTIFICATIONS: Readonly<Record<string, Notification>> = {
  'notifications/progress': {
    gives: 'seconds',
    params: (params, { request }) => {
      // Agents choose the same tokens. A server that mixes up its clients must not reach another.
      if (!request || params.progressToken !== request.id) return undefined;
      const { progressToken } = request;
      const kept = required(PROGRESS, ['progress'])(params);
      return kept && progressToken !== undefined ? { progressToken, ...kept } : undefined;
    },
  },
  'notifications/message': { params: required(LOG, ['level', 'data']) },
  'notifications/tools/list_changed': { params: nothing },
  'notifications/resources/list_changed': { params: nothing },
  'notifications/prompts/list_changed': { params: nothing },
  'notifications/resources/updated': { params: required({ uri: text(4_096) }, ['uri']) },
  'notifications/elicitation/complete': {
    params: required({ elicitationId: text(256) }, ['elicitationId']),
  },
  'notifications/subscriptions/acknowledged': { params: acknowledged },
  'notifications/tasks/status': { params: taskState },
  'notifications/tasks': { params: taskState },
  // The server no longer wants the answer to its own request.
  'notifications/cancelled': {
    params: ({ requestId: id }, { asked }) => {
      const requestId =
        typeof id === 'string' || typeof id === 'number' ? asked.get(id) : undefined;
      return requestId === undefined ? undefined : { requestId };
    },
  },
};

/** Returns the notification as the agent receives it; undefined if it is dropped. */
export async function passedNotification(
  { method, params }: JsonObject,
  stream: StreamOf,
): Promise<{ readonly message: JsonObject; readonly gives?: Notification['gives'] } | undefined> {
  if (typeof method !== 'string' || !Object.hasOwn(NOTIFICATIONS, method)) return undefined;
  const row = NOTIFICATIONS[method];
  const given = isJsonObject(params) ? params : {};
  const kept = await row?.params(given, stream);
  if (!row || !kept) return undefined;
  const { _meta: meta } = await passedMeta(given, stream);
  const about = Object.keys(meta).length > 0 ? { _meta: meta } : {};
  const message = { jsonrpc: '2.0', method, params: { ...kept, ...about } };
  return { message, ...(row.gives && { gives: row.gives }) };
}
