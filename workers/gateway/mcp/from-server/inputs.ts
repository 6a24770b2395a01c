import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import type { ServerRequest } from '../../../../src/upstream/index.ts';
import { answerOfClient, askedOfClient } from './requests.ts';

/** What a server asks by its answer to a call, or by the state of a task. */

const INPUTS_MAX = 64;
const INPUT_KEY_LENGTH_MAX = 256;

/**
 * Returns the requests that the deployment lets the server send. A client would answer the others,
 * and the answer would be dropped.
 */
export const allowedInputs = (
  requests: JsonObject,
  allowed: readonly ServerRequest[],
): JsonObject =>
  Object.fromEntries(
    Object.entries(requests).filter(
      ([, request]) => isJsonObject(request) && askedOfClient(request.method, allowed),
    ),
  );

/**
 * Returns the answers of an agent that reach the server. An answer carries data to the server, so
 * it has the form of one that is allowed.
 */
export function forwardedInputs(
  responses: JsonObject,
  allowed: readonly ServerRequest[],
): JsonObject {
  const inputs = Object.entries(responses).flatMap(([key, response]) => {
    if (key.length > INPUT_KEY_LENGTH_MAX || !key.isWellFormed()) return [];
    const input = isJsonObject(response) ? answerOfClient(response, allowed) : undefined;
    return input ? [[key, input] as const] : [];
  });
  return Object.fromEntries(inputs.slice(0, INPUTS_MAX));
}
