import { COMPLETION } from './completion.ts';
import { LIFECYCLE } from './lifecycle.ts';
import { LOGGING } from './logging.ts';
import type { Method } from './method.ts';
import { PROMPTS } from './prompts.ts';
import { RESOURCES } from './resources.ts';
import { SUBSCRIPTIONS } from './subscriptions.ts';
import { type AnswerOfCall, continuing, taskMethods } from './tasks.ts';
import { TOOLS } from './tools.ts';

export type { AnswerContext, Incoming, Method } from './method.ts';

/** Every method that the gateway forwards. To add one, add its row to the file of its feature. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...SUBSCRIPTIONS,
  ...taskMethods(answerOfCall),
  ...LIFECYCLE,
  ...TOOLS,
  ...RESOURCES,
  ...PROMPTS,
  ...COMPLETION,
  ...LOGGING,
};

/** Judges the result of a task as the answer to the call that made it. */
function answerOfCall(...[{ method, target }, answer, context]: Parameters<AnswerOfCall>) {
  const rewrite = methodOf(method)?.rewrite;
  if (!rewrite) return answer;
  const named = target === undefined ? {} : { params: { name: target, uri: target } };
  const message = { ...context.incoming.message, method, ...named };
  return rewrite(answer, { ...context, incoming: { ...context.incoming, message } });
}

/** Returns the row of a method; undefined for a method that is not forwarded. */
export const methodOf = (name: string): Method | undefined =>
  Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;

/** Returns the answer about a task on a stream that is continued, as the agent receives it. */
export const continuedTask = continuing(answerOfCall);
