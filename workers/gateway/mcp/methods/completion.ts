import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import {
  type CompletedArguments,
  type CompletionTarget,
  describeCompletion,
} from '../../../../src/catalogue/index.ts';
import { withMeta } from '../params.ts';
import { describedBy, textsOf } from './describe.ts';
import type { Method } from './method.ts';

interface Completion {
  readonly target: CompletionTarget;
  readonly completed: CompletedArguments & { readonly known: Readonly<Record<string, string>> };
}

/** Completes an argument of a prompt or of a resource's template. */
export const COMPLETION = {
  'completion/complete': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'A read of what it completes, with everything that the missing arguments may name.',
    describe: describedBy(['ref', 'argument', 'context'], (params, { server }) => {
      const completion = completionOf(params);
      if (!completion) return { why: 'not a reference and an argument to complete' };
      const { target, completed } = completion;
      return {
        named: target.kind === 'prompt' ? target.name : target.uri,
        in: (catalogue) => describeCompletion(catalogue, server, target, completed),
      };
    }),
    params: ({ message }) => completionParams(message.params ?? {}),
  },
} as const satisfies Readonly<Record<string, Method>>;

function completionOf({ ref, argument, context = {} }: JsonObject): Completion | undefined {
  if (!isJsonObject(ref) || !isJsonObject(argument) || !isJsonObject(context)) return undefined;
  const { name, value } = argument;
  const known = textsOf(context.arguments);
  if (typeof name !== 'string' || typeof value !== 'string' || !known) return undefined;
  const completed = { name, value, known };
  if (ref.type === 'ref/prompt' && typeof ref.name === 'string') {
    return { target: { kind: 'prompt', name: ref.name }, completed };
  }
  if (ref.type === 'ref/resource' && typeof ref.uri === 'string') {
    return { target: { kind: 'resource', uri: ref.uri }, completed };
  }
  return undefined;
}

/** Written from what was judged: each of these objects may have other members. */
function completionParams(params: JsonObject): JsonObject {
  const completion = completionOf(params);
  if (!completion) throw new Error('a completion that was judged must be readable');
  const { target, completed } = completion;
  const { name, value, known } = completed;
  return {
    ...withMeta(params, []),
    ref:
      target.kind === 'prompt'
        ? { type: 'ref/prompt', name: target.name }
        : { type: 'ref/resource', uri: target.uri },
    argument: { name, value },
    ...('context' in params && { context: { arguments: known } }),
  };
}
