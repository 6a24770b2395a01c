import { type Schema, Validator } from '@cfworker/json-schema';
import { isJsonObject, type Json, type JsonObject } from '../../../../src/canonical-json.ts';
import type { AnswerBounds } from '../../../../src/catalogue/index.ts';
import { utf8 } from '../../../../src/encoding.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';
import { withoutUnlisted } from './unlisted.ts';

/** Where the machine form of a withheld answer is in the `_meta` of the result. */
const ANSWER_META = 'hewn.dev/answer';
const VALIDATED_CHARACTERS_MAX = 1024 * 1024; // Validation takes time for each value.

/** Why an answer is withheld. */
export interface AnswerFault {
  readonly code: 'answer_too_large' | 'answer_media_type' | 'answer_schema';
  readonly why: string;
}

/**
 * Returns the answer of a call as the catalogue allows it. One that breaks a bound is withheld: the
 * agent gets an error result, which says that the call was made.
 */
export function boundedAnswer(answer: JsonObject, tool: string, bounds: AnswerBounds): JsonObject {
  const { result } = answer;
  // An error of the protocol has no content, and neither has a question of the server or a task,
  // whose result is judged when it is there.
  if (!isJsonObject(result) || !hasContent(result)) return answer;
  const bounded = boundedResult(result, bounds);
  if (bounded.ok) return { ...answer, result: bounded.value };
  return { ...answer, result: withheld(tool, bounded.error, result) };
}

const hasContent = ({ resultType, task, content, structuredContent }: JsonObject): boolean =>
  content !== undefined ||
  structuredContent !== undefined ||
  (task === undefined && (resultType === undefined || resultType === 'complete'));

function boundedResult(result: JsonObject, bounds: AnswerBounds): Result<JsonObject, AnswerFault> {
  const { bytes: bytesMax, mediaTypes } = bounds;
  const bytes = bytesMax === undefined ? 0 : utf8(JSON.stringify(result)).length;
  if (bytesMax !== undefined && bytes > bytesMax) {
    const why = `${bytes} bytes, and ${bytesMax} are allowed`;
    return refuse({ code: 'answer_too_large', why });
  }
  const structured = bounds.schema ? structuredBySchema(result, bounds) : ok(result);
  if (!structured.ok) return structured;
  const other =
    mediaTypes && mediaTypesOf(structured.value).find((type) => !isOneOf(type, mediaTypes));
  return other === undefined
    ? structured
    : refuse({ code: 'answer_media_type', why: `${other.slice(0, 128)} is not allowed` });
}

/** An error of the tool is text for the model, and has no structured content. */
function structuredBySchema(
  result: JsonObject,
  bounds: AnswerBounds,
): Result<JsonObject, AnswerFault> {
  const { structuredContent: _, ...text } = result;
  if (result.isError === true) return ok(text);
  const given = contentOf(result);
  if (given === undefined) {
    return refuse({ code: 'answer_schema', why: 'there is no structured content' });
  }
  const { schema = {}, unlisted } = bounds;
  const kept = unlisted === undefined ? given : withoutUnlisted(given, schema);
  const isWhole = kept === given || JSON.stringify(kept) === JSON.stringify(given);
  if (unlisted === 'deny' && !isWhole) {
    return refuse({ code: 'answer_schema', why: 'a member is not listed' });
  }
  const fault = schemaFault(kept, schema);
  if (fault !== undefined) return refuse({ code: 'answer_schema', why: fault });
  if (isWhole) return ok(result);
  // The text repeats what was removed, so it is replaced.
  const content = [{ type: 'text', text: JSON.stringify(kept) }];
  const isStructured = result.structuredContent !== undefined;
  return ok({ ...text, content, ...(isStructured && { structuredContent: kept }) });
}

/** Returns the structured content, or that of a server that sends JSON as its only text. */
function contentOf({ structuredContent, content }: JsonObject): JsonObject | undefined {
  if (structuredContent !== undefined) {
    return isJsonObject(structuredContent) ? structuredContent : undefined;
  }
  const [block, ...others] = Array.isArray(content) ? (content as readonly Json[]) : [];
  if (!isJsonObject(block) || block.type !== 'text' || others.length > 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(String(block.text));
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const validators = new WeakMap<JsonObject, Validator>();

function schemaFault(content: JsonObject, schema: JsonObject): string | undefined {
  if (JSON.stringify(content).length > VALIDATED_CHARACTERS_MAX) return 'too large to be compared';
  try {
    const validator = validators.get(schema) ?? new Validator(schema as Schema, '2020-12');
    validators.set(schema, validator);
    const { valid, errors } = validator.validate(content);
    const place = errors.at(-1)?.instanceLocation ?? '#';
    return valid ? undefined : `${place.slice(0, 128)} is not as the schema says`;
  } catch {
    return 'the schema cannot be applied'; // A reference that leads nowhere, or too deep.
  }
}

function mediaTypesOf({ content, structuredContent }: JsonObject): readonly string[] {
  const blocks = Array.isArray(content) ? (content as readonly Json[]) : [];
  const types = blocks.map((block) => (isJsonObject(block) ? mediaTypeOf(block) : UNKNOWN));
  return structuredContent === undefined ? types : [...types, 'application/json'];
}

const UNKNOWN = 'application/octet-stream';

function mediaTypeOf(block: JsonObject): string {
  if (block.type === 'text') return 'text/plain';
  const inner = block.type === 'resource' && isJsonObject(block.resource) ? block.resource : block;
  const { mimeType, text } = inner;
  if (typeof mimeType !== 'string') return typeof text === 'string' ? 'text/plain' : UNKNOWN;
  return mimeType.split(';', 1)[0]?.trim().toLowerCase() ?? UNKNOWN;
}

const isOneOf = (type: string, allowed: readonly string[]): boolean =>
  allowed.some((one) => one === type || (one.endsWith('/*') && type.startsWith(one.slice(0, -1))));

function withheld(tool: string, fault: AnswerFault, { resultType }: JsonObject): JsonObject {
  const { code, why } = fault;
  const text = [
    `${tool} was called, and its answer is withheld.`,
    `Reason (${code}): the answer is not what the catalogue allows: ${why}.`,
    'The call may have taken effect. Calling again does not help.',
  ].join('\n');
  return {
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [ANSWER_META]: { code, why, tool } },
    ...(resultType !== undefined && { resultType }),
  };
}
