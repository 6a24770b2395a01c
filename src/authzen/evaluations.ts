import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type AuthzenDecision, type Decider, decideQuestion, failed } from './decide.ts';
import { readParts, WHOLE } from './entities.ts';

const EVALUATIONS_MAX = 100; // A page of a list. Each costs a decision, and perhaps a charge.

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
type Semantic = (typeof SEMANTICS)[number];

/** Answers an Access Evaluation request (AuthZEN 1.0, section 6). */
export async function evaluation(
  decider: Decider,
  request: JsonObject,
): Promise<Result<AuthzenDecision, string>> {
  const question = readParts(request, WHOLE);
  return question.ok ? ok(await decideQuestion(decider, question.value)) : question;
}

/**
 * Answers an Access Evaluations request (section 7). Without evaluations, it is one Access
 * Evaluation. An evaluation that is no question is answered with no; the others stand.
 */
export async function evaluations(
  decider: Decider,
  request: JsonObject,
): Promise<Result<AuthzenDecision | { readonly evaluations: readonly AuthzenDecision[] }, string>> {
  const { evaluations: items = [], options } = request;
  if (!Array.isArray(items)) return refuse('evaluations is not an array');
  const semantic = semanticOf(options);
  if (!semantic.ok) return semantic;
  if (items.length === 0) return evaluation(decider, request);
  if (items.length > EVALUATIONS_MAX) {
    return refuse(`evaluations has more than ${EVALUATIONS_MAX} items`);
  }
  for (const name of ['subject', 'action', 'resource', 'context']) {
    const value = request[name];
    if (value !== undefined && !isJsonObject(value)) return refuse(`${name} is not an object`);
  }
  const decide = (item: Json): Promise<AuthzenDecision> => decideItem(decider, request, item);
  if (semantic.value === 'execute_all') {
    return ok({ evaluations: await Promise.all(items.map(decide)) });
  }
  const last = semantic.value === 'permit_on_first_permit';
  const answers: AuthzenDecision[] = [];
  for (const item of items) {
    const answer = await decide(item);
    answers.push(answer);
    if (answer.decision === last) break;
  }
  return ok({ evaluations: answers });
}

function semanticOf(options: Json | undefined): Result<Semantic, string> {
  if (options === undefined) return ok('execute_all');
  if (!isJsonObject(options)) return refuse('options is not an object');
  const { evaluations_semantic: given = 'execute_all' } = options;
  const semantic = SEMANTICS.find((one) => one === given);
  return semantic ? ok(semantic) : refuse('options.evaluations_semantic is not one of the three');
}

/** A member of an item replaces the request's member as a whole. */
async function decideItem(
  decider: Decider,
  { subject, action, resource, context }: JsonObject,
  item: Json,
): Promise<AuthzenDecision> {
  if (!isJsonObject(item)) return failed('the evaluation is not an object');
  const defaults = { subject, action, resource, context };
  const given = Object.entries({ ...defaults, ...item }).filter(([, value]) => value !== undefined);
  const question = readParts(Object.fromEntries(given) as JsonObject, WHOLE);
  return question.ok ? decideQuestion(decider, question.value) : failed(question.error);
}
