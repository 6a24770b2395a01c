import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';
import type { GatewayDenial } from '../../call/denial.ts';
import { allowedInputs, forwardedInputs } from '../from-server/inputs.ts';
import { RELATED_TASK } from '../from-server/meta.ts';
import { allowedRequests, cursor, listedParams } from '../params.ts';
import { type CallOfTask, isTaskId, openTask, type ServerTask } from '../tasks.ts';
import type { AnswerContext, Incoming, Method, Prepared } from './method.ts';

type Rewrite = (
  answer: JsonObject,
  task: ServerTask,
  context: AnswerContext,
) => JsonObject | Promise<JsonObject>;

/** Returns what the answer to a call becomes: the result of its task is judged in the same way. */
export type AnswerOfCall = (
  call: CallOfTask,
  answer: JsonObject,
  context: AnswerContext,
) => JsonObject | Promise<JsonObject>;

/**
 * The methods about a task, experimental in 2025-11-25 and an extension of 2026-07-28. A task
 * belongs to the workflow whose call made it: only that workflow has an id that opens.
 */
export function taskMethods(answerOfCall: AnswerOfCall): Readonly<Record<string, Method>> {
  const ofTask = (rewrite: Rewrite, more: More = () => ({})) => ({
    form: 'request' as const,
    params: noParams,
    prepare: prepareFor(rewrite, more),
  });
  return {
    'tasks/get': {
      ...ofTask(withOwnId(answerOfCall)),
      revisions: ['2025-11-25'],
      about: 'Forwarded for the workflow whose call made the task.',
    },
    'tasks/result': {
      ...ofTask((answer, { call }, context) =>
        answerOfCall(call, relatedTo(answer, context), context),
      ),
      revisions: ['2025-11-25', '2025-11-25'],
      about: 'The result is judged as the answer of the call that made the task.',
    },
    'tasks/update': {
      ...ofTask((answer) => answer, inputsOf),
      revisions: ['2026-07-28'],
      about: 'Forwarded with the answers that `serverRequests` allows.',
    },
    'tasks/cancel': {
      ...ofTask(withOwnId(answerOfCall)),
      revisions: ['2025-11-25'],
      about: 'Forwarded for the workflow whose call made the task.',
    },
    'tasks/list': {
      revisions: ['2025-11-25', '2025-11-25'],
      form: 'request',
      about: 'Shows only the tasks that this workflow made through this isolate.',
      params: listedParams({ cursor }),
      rewrite: ownTasks,
    },
  };
}

const noParams = listedParams({});

/** What a message about a task carries besides its id. */
type More = (incoming: Incoming) => JsonObject;

/** The answers of an agent to what the task asks, as far as the deployment lets it ask. */
function inputsOf(incoming: Incoming): JsonObject {
  const responses = incoming.message.params?.inputResponses;
  const allowed = allowedRequests(incoming);
  return { inputResponses: isJsonObject(responses) ? forwardedInputs(responses, allowed) : {} };
}

/** Opens the id of the task, and checks that the token may still use the tool that made it. */
const prepareFor =
  (rewrite: Rewrite, more: More) =>
  async (context: AnswerContext): Promise<Result<Prepared, GatewayDenial>> => {
    const { incoming, owner, canUse } = context;
    const { params = {} } = incoming.message;
    const task = await openTask(incoming.gateway.sessions, owner, params.taskId);
    if (!task) return refuse({ code: 'task_unknown' });
    const { target } = task.call;
    const tool = incoming.judging.catalogue?.get(`mcp/${incoming.server}/${target}`);
    const mayRead = (): boolean => tool !== undefined && canUse(tool.name, tool.action);
    // An agent that may no longer call the tool may still cancel.
    const isCancel = incoming.message.method === 'tasks/cancel';
    if (!isCancel && !mayRead()) return refuse({ code: 'task_unknown' });
    return ok({
      params: { ...noParams(incoming), ...more(incoming), taskId: task.taskId },
      rewrite: (answer) => rewrite(answer, task, context),
      call: task.call,
      // The result of a task is held like that of its call: not beyond a denial of its tool.
      ...(!isCancel && { mayRead }),
    });
  };

/** The state of a task, under the agent's own id, with its result if it has one. */
const withOwnId =
  (answerOfCall: AnswerOfCall): Rewrite =>
  async (answer, { taskId, call }, context) => {
    const { result } = answer;
    if (!isJsonObject(result)) return answer;
    const own = context.incoming.message.params?.taskId;
    const named = withAllowedInputs(
      result.taskId === taskId ? { ...result, taskId: own as string } : result,
      context,
    );
    if (!isJsonObject(named.result)) return { ...answer, result: named };
    const judged = await answerOfCall(call, { ...answer, result: named.result }, context);
    return 'error' in judged
      ? judged
      : { ...answer, result: { ...named, result: judged.result as JsonObject } };
  };

/** Leaves out what the deployment does not let the task ask. */
const withAllowedInputs = (result: JsonObject, { incoming }: AnswerContext): JsonObject =>
  isJsonObject(result.inputRequests)
    ? { ...result, inputRequests: allowedInputs(result.inputRequests, allowedRequests(incoming)) }
    : result;

/** The result of the task says which task it belongs to, by the agent's id. */
function relatedTo(answer: JsonObject, { incoming }: AnswerContext): JsonObject {
  const { result } = answer;
  if (!isJsonObject(result) || !isJsonObject(result._meta)) return answer;
  if (!(RELATED_TASK in result._meta)) return answer;
  const taskId = incoming.message.params?.taskId as string;
  const meta = { ...result._meta, [RELATED_TASK]: { taskId } };
  return { ...answer, result: { ...result, _meta: meta } };
}

/**
 * Judges the answer about a task on a stream that its client continues, as on the one it began on.
 * The agent's own id of the task is not known there, so the server's is sealed again.
 */
export const continuing =
  (answerOfCall: AnswerOfCall) =>
  async (call: CallOfTask, answer: JsonObject, context: AnswerContext): Promise<JsonObject> => {
    const { result } = answer;
    if (!isJsonObject(result)) return answer;
    const { incoming, owner } = context;
    const { tasks, sessions } = incoming.gateway;
    const seal = (taskId: string) => tasks.seal(sessions, owner, { taskId, call });
    const { taskId, _meta: meta } = result;
    const about = isJsonObject(meta) ? meta[RELATED_TASK] : undefined;
    const related = isJsonObject(about) && isTaskId(about.taskId) ? about.taskId : undefined;
    const sealed = {
      ...result,
      ...(isTaskId(taskId) && { taskId: await seal(taskId) }),
      ...(related !== undefined && {
        _meta: { ...(meta as JsonObject), [RELATED_TASK]: { taskId: await seal(related) } },
      }),
    };
    const named = { ...answer, result: sealed };
    // Only the result of a task is the answer of its call: a state has no content.
    return incoming.message.method === 'tasks/result' ? answerOfCall(call, named, context) : named;
  };

/** A server knows its tasks by a client that it shares between workflows. */
async function ownTasks(
  answer: JsonObject,
  { incoming: { gateway }, owner }: AnswerContext,
): Promise<JsonObject> {
  const { result } = answer;
  if (!isJsonObject(result) || !Array.isArray(result.tasks)) return answer;
  const own: JsonObject[] = [];
  for (const task of result.tasks as readonly unknown[]) {
    const id = isJsonObject(task) ? task.taskId : undefined;
    const known = isTaskId(id) ? gateway.tasks.find(owner, id) : undefined;
    if (!known) continue;
    const taskId = await gateway.tasks.seal(gateway.sessions, owner, known);
    own.push({ ...(task as JsonObject), taskId });
  }
  return { ...answer, result: { ...result, tasks: own } };
}
