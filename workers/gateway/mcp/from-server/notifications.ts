import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { listed, type Members, text } from '../params.ts';

/** The request on whose stream a notification arrives. */
export interface StreamOf {
  /** The id under which the server knows the request, and its progress. */
  readonly id: string;
  /** The agent's own token for the progress of the request, if it asked for it. */
  readonly progressToken?: string | number;
}

/** What the gateway does with one kind of notification of a server. */
interface Notification {
  readonly about: string;
  /** The parameters that reach the agent; undefined for a notification that is dropped. */
  readonly params: (params: JsonObject, stream: StreamOf) => JsonObject | undefined;
  /** Whether it shows that the server is working on the request. */
  readonly isProgress?: true;
}

const PROGRESS: Members = {
  progress: v.pipe(v.number(), v.finite()),
  total: v.pipe(v.number(), v.finite()),
  message: text(4_096),
};

const LOG: Members = {
  level: v.pipe(
    v.string(),
    v.regex(/^(?:debug|info|notice|warning|error|critical|alert|emergency)$/),
  ),
  logger: text(256),
  data: v.unknown(),
};

const nothing = (): JsonObject => ({});

/** Every notification of a server that reaches an agent. Any other is dropped. */
const NOTIFICATIONS: Readonly<Record<string, Notification>> = {
  'notifications/progress': {
    about: "Passed on under the agent's progress token, if it is about this request.",
    isProgress: true,
    params: (params, { id, progressToken }) => {
      // Agents choose the same tokens. A server that mixes up its clients must not reach another.
      if (params.progressToken !== id || progressToken === undefined) return undefined;
      const kept = listed(params, PROGRESS);
      return 'progress' in kept ? { progressToken, ...kept } : undefined;
    },
  },
  'notifications/message': {
    about: 'Passed on: level, logger and data.',
    params: (params) => {
      const kept = listed(params, LOG);
      return 'level' in kept && 'data' in kept ? kept : undefined;
    },
  },
  'notifications/tools/list_changed': { about: 'Passed on.', params: nothing },
  'notifications/resources/list_changed': { about: 'Passed on.', params: nothing },
  'notifications/prompts/list_changed': { about: 'Passed on.', params: nothing },
};

/** Returns the row of a notification; undefined for one that is dropped. */
export const notificationOf = (method: unknown): Notification | undefined =>
  typeof method === 'string' && Object.hasOwn(NOTIFICATIONS, method)
    ? NOTIFICATIONS[method]
    : undefined;

/** Returns the notification as the agent receives it; undefined if it is dropped. */
export function passedNotification(
  { method, params }: JsonObject,
  stream: StreamOf,
): JsonObject | undefined {
  const row = notificationOf(method);
  const kept = row?.params(isJsonObject(params) ? params : {}, stream);
  return kept && { jsonrpc: '2.0', method: method as string, params: kept };
}
