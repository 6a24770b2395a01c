import type { Json, JsonObject } from '../canonical-json.ts';
import { encodeDatasetName, encodeDatasetSegment } from '../capability/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { VerifyRequest } from '../verifier/index.ts';
import type { Question } from './entities.ts';
import { type AuthzenMapping, REFERENCE, valueAt } from './mapping.ts';

/** A call that a question is about, without the credential. */
export type MappedCall = Pick<VerifyRequest, 'tool' | 'action' | 'dataset' | 'args' | 'tier'>;

/** Why a question is about no call: the answer is no. */
export type MappingRefusal =
  | { readonly code: 'subject_unknown'; readonly message: string }
  | { readonly code: 'resource_unknown'; readonly message: string }
  | { readonly code: 'action_unknown'; readonly message: string }
  /** The question lacks a value that the mapping needs. */
  | { readonly code: 'question_incomplete'; readonly message: string };

/** Returns the call that a question is about. */
export function mapQuestion(
  { resources }: AuthzenMapping,
  question: Question,
): Result<MappedCall, MappingRefusal> {
  const resource = own(resources, question.resource.type);
  if (!resource) {
    return refuse({ code: 'resource_unknown', message: 'No resource of this type is known.' });
  }
  const mapped = own(resource.actions, question.action.name);
  if (!mapped) {
    return refuse({ code: 'action_unknown', message: 'The resource has no such action.' });
  }
  const { tool, action, tier } = mapped;
  const dataset = fillIn(mapped.dataset ?? resource.dataset, question);
  if (!dataset.ok) return dataset;
  return ok({ tool, action, tier, dataset: dataset.value, args: argsOf(mapped.args, question) });
}

/** A member of its own: every object inherits a `constructor`. */
export const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

function fillIn(template: string, question: Question): Result<string, MappingRefusal> {
  const [first = '', ...segments] = template.split('/');
  let name = first;
  for (const segment of segments) {
    const [, plus, path] = REFERENCE.exec(segment) ?? [];
    if (path === undefined) {
      name = `${name}/${segment}`;
      continue;
    }
    const value = valueAt(question, path);
    const encode = plus === '+' ? encodeDatasetName : encodeDatasetSegment;
    const joined = typeof value === 'string' ? encode(name, value) : undefined;
    if (!joined?.ok) {
      const message = `The question has no usable value ${path}.`;
      return refuse({ code: 'question_incomplete', message });
    }
    name = joined.value;
  }
  return ok(name);
}

function argsOf(args: JsonObject = {}, question: Question): JsonObject {
  const values = Object.entries(args).flatMap(([name, value]): [string, Json][] => {
    const [, , path] = typeof value === 'string' ? (REFERENCE.exec(value) ?? []) : [];
    if (path === undefined) return [[name, value]];
    const found = valueAt(question, path);
    return found === undefined ? [] : [[name, found]];
  });
  // Not assigned one by one: `__proto__` must stay a member like any other.
  return Object.fromEntries(values) as JsonObject;
}
