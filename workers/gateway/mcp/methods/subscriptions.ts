import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import {
  type Catalogue,
  type DescribedCall,
  type DescribeError,
  describeResource,
} from '../../../../src/catalogue/index.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';
import type { GatewayDenial } from '../../call/denial.ts';
import type { NotForwarded } from '../../call/transport.ts';
import { SUBSCRIPTION } from '../from-server/meta.ts';
import { allowedRequests, listed, listedParams, type Members, withMeta } from '../params.ts';
import { openTask } from '../tasks.ts';
import { describedBy } from './describe.ts';
import type { AnswerContext, Incoming, Method, Prepared } from './method.ts';

const RESOURCES_MAX = 64; // Of one subscription; each is described for it.
const TASKS_MAX = 64;

const asReading = {
  revisions: ['2025-03-26', '2025-11-25'],
  form: 'request',
  describe: describedBy(['uri'], ({ uri }, { server }) =>
    typeof uri === 'string'
      ? { named: uri, in: (catalogue) => describeResource(catalogue, server, uri) }
      : { why: 'no URI of a resource' },
  ),
  params: (incoming) => withMeta(incoming.message.params, ['uri'], allowedRequests(incoming)),
} as const satisfies Partial<Method>;

/** The methods by which a client learns of changes. */
export const SUBSCRIPTIONS = {
  'resources/subscribe': { ...asReading, about: 'Judged as a read of the resource.' },
  'resources/unsubscribe': { ...asReading, about: 'Judged as a read of the resource.' },
  'subscriptions/listen': {
    revisions: ['2026-07-28'],
    form: 'request',
    about: 'A stream that stays open. If it names resources, it is judged as a read of them.',
    isHeld: true,
    describe: describeListen,
    params: listedParams({}),
    prepare: prepareListen,
    rewrite: underOwnId,
  },
} as const satisfies Readonly<Record<string, Method>>;

const CHANGES: Members = {
  toolsListChanged: v.boolean(),
  promptsListChanged: v.boolean(),
  resourcesListChanged: v.boolean(),
};

/** Returns the texts of a list in the filter of a subscription; undefined for anything else. */
function listIn(incoming: Incoming, name: string, max: number): readonly string[] | undefined {
  const filter = incoming.message.params?.notifications;
  const list = isJsonObject(filter) ? filter[name] : undefined;
  if (list === undefined) return [];
  const isList = Array.isArray(list) && list.length <= max;
  const texts = isList ? (list as readonly unknown[]) : undefined;
  return texts?.every((one) => typeof one === 'string') ? (texts as readonly string[]) : undefined;
}

/** A subscription to resources is a read of all of them. Without any, it uses no tool. */
function describeListen(incoming: Incoming): Result<DescribedCall, NotForwarded> | undefined {
  const uris = listIn(incoming, 'resourceSubscriptions', RESOURCES_MAX);
  const tasks = listIn(incoming, 'taskIds', TASKS_MAX);
  if (!uris || !tasks) {
    return refuse({ denial: { code: 'message_malformed', why: 'a filter with other values' } });
  }
  const [first] = uris;
  if (first === undefined) return undefined;
  const { server } = incoming;
  return describedBy(['notifications'], () => ({
    named: first,
    in: (catalogue) => describeAll(catalogue, server, uris),
  }))(incoming);
}

/**
 * Describes a read of several resources of one entry: of all their datasets, with the arguments
 * that they have in common. Constraints on the others then fail, so nothing is judged too kindly.
 */
function describeAll(
  catalogue: Catalogue,
  server: string,
  uris: readonly string[],
): Result<DescribedCall, DescribeError> {
  const calls: DescribedCall[] = [];
  for (const uri of uris) {
    const call = describeResource(catalogue, server, uri);
    if (!call.ok) return call;
    calls.push(call.value);
  }
  const [first, ...others] = calls;
  if (!first || others.some(({ tool }) => tool !== first.tool)) {
    return refuse({ code: 'tool_unknown' });
  }
  const shared = Object.entries(argsOf(first)).filter(([name, value]) =>
    others.every((other) => argsOf(other)[name] === value),
  );
  const dataset = [...new Set(calls.flatMap((call) => [call.dataset].flat()))];
  return ok({ ...first, dataset, args: Object.fromEntries(shared) });
}

const argsOf = ({ args }: DescribedCall): JsonObject => (isJsonObject(args) ? args : {});

/** Writes the filter from what was judged, with the ids of tasks that the server knows. */
async function prepareListen({
  incoming,
  owner,
}: AnswerContext): Promise<Result<Prepared, GatewayDenial>> {
  const { gateway, message } = incoming;
  const filter = message.params?.notifications;
  const uris = listIn(incoming, 'resourceSubscriptions', RESOURCES_MAX) ?? [];
  const taskIds: string[] = [];
  for (const sealed of listIn(incoming, 'taskIds', TASKS_MAX) ?? []) {
    const task = await openTask(gateway.sessions, owner, sealed);
    if (!task) return refuse({ code: 'task_unknown' });
    // Remembered, because the server names the task by its own id.
    await gateway.tasks.seal(gateway.sessions, owner, task);
    taskIds.push(task.taskId);
  }
  const notifications = {
    ...(isJsonObject(filter) ? listed(filter, CHANGES) : {}),
    ...(uris.length > 0 && { resourceSubscriptions: [...uris] }),
    ...(taskIds.length > 0 && { taskIds }),
  };
  return ok({ params: { ...listedParams({})(incoming), notifications }, rewrite: underOwnId });
}

/** The end of a subscription names it by the id of its request. */
function underOwnId(answer: JsonObject): JsonObject {
  const { result, id } = answer;
  if (!isJsonObject(result) || !isJsonObject(result._meta)) return answer;
  if (!(SUBSCRIPTION in result._meta)) return answer;
  const meta = { ...result._meta, [SUBSCRIPTION]: id as string };
  return { ...answer, result: { ...result, _meta: meta } };
}
