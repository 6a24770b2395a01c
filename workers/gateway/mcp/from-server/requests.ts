import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import type { ServerRequest } from '../../../../src/upstream/index.ts';
import { listed, type Members, text } from '../params.ts';

/** What a server may ask of a client, and which answer reaches the server. */
interface AskedOfClient {
  /** The setting of the upstream that allows it. */
  readonly setting: ServerRequest;
  /** The members of the client's result that are forwarded. */
  readonly result: Members;
}

const TEXT_MAX = 64 * 1024;

/** A value of a form: flat, as the form is. */
const field = v.union([text(TEXT_MAX), v.number(), v.boolean(), v.array(text(4_096))]);

const anyObject = v.custom<JsonObject>(isJsonObject);

/**
 * The requests of a server that can reach an agent. `ping` is answered by the gateway. An answer
 * carries data of the agent to the server, so its members are listed.
 */
const ASKED: Readonly<Record<string, AskedOfClient>> = {
  'elicitation/create': {
    setting: 'elicitation',
    result: {
      action: v.picklist(['accept', 'decline', 'cancel']),
      content: v.record(text(256), field),
    },
  },
  'sampling/createMessage': {
    setting: 'sampling',
    result: {
      role: v.picklist(['assistant', 'user']),
      content: v.union([anyObject, v.array(anyObject)]),
      model: text(256),
      stopReason: text(256),
    },
  },
  'roots/list': {
    setting: 'roots',
    result: {
      roots: v.array(v.object({ uri: text(4_096), name: v.optional(text(256)) })),
    },
  },
};

export const isPing = (method: unknown): boolean => method === 'ping';

/** Returns the row of a request that the deployment lets the server send. */
export function askedOfClient(
  method: unknown,
  allowed: readonly ServerRequest[],
): AskedOfClient | undefined {
  const row =
    typeof method === 'string' && Object.hasOwn(ASKED, method) ? ASKED[method] : undefined;
  return row && allowed.includes(row.setting) ? row : undefined;
}

/** The member that only answers of this kind have. */
const TELLTALES: Readonly<Record<ServerRequest, string>> = {
  elicitation: 'action',
  sampling: 'role',
  roots: 'roots',
};

/**
 * Returns an agent's answer as the server receives it, where nothing says which request it answers.
 * Undefined if it is not an answer to a request that the deployment allows.
 */
export function answerOfClient(
  result: JsonObject,
  allowed: readonly ServerRequest[],
): JsonObject | undefined {
  const row = Object.values(ASKED).find(({ setting }) => Object.hasOwn(result, TELLTALES[setting]));
  return row && allowed.includes(row.setting) ? listed(result, row.result) : undefined;
}

/** An agent's answer to a request of a server, without its id. */
export interface AnswerOfAgent {
  readonly result?: JsonObject;
  readonly error?: JsonObject;
}

const ERROR: Members = { code: v.pipe(v.number(), v.safeInteger()), message: text(1_024) };

/** Returns an agent's answer as the server receives it. */
export function forwardedAnswer(
  { result: members }: AskedOfClient,
  { result, error }: AnswerOfAgent,
): JsonObject {
  return error ? { error: listed(error, ERROR) } : { result: listed(result ?? {}, members) };
}
