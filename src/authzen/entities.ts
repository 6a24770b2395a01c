import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';

/** A subject or a resource: AuthZEN 1.0, sections 5.1 and 5.2. */
export interface AuthzenEntity {
  readonly type: string;
  readonly id: string;
  readonly properties?: JsonObject;
}

/** Section 5.3. */
export interface NamedAction {
  readonly name: string;
  readonly properties?: JsonObject;
}

/** What an enforcement point asks: may this subject do this to that resource? */
export interface Question {
  readonly subject: AuthzenEntity;
  readonly action: NamedAction;
  readonly resource: AuthzenEntity;
  readonly context?: JsonObject;
}

/** The parts of a question. */
type Part = 'subject' | 'action' | 'resource';

/** The part that a search looks for: a question without it, or without its id. */
export type Searched = Part;

/** Which members a request must have: `typed` is an entity whose id is searched. */
export type Expected = Readonly<Partial<Record<Part, 'whole' | 'typed'>>>;

/** The question of an evaluation. */
export const WHOLE: Expected = { subject: 'whole', action: 'whole', resource: 'whole' };

/** Parts that were checked; those that a search looks for are empty texts. */
export type Parts = Question;

const NOTHING = { type: '', id: '' };

/**
 * Returns the parts of a request, or what is wrong with it. Unknown members are ignored, as section
 * 10.1.1 requires of a receiver.
 */
export function readParts(request: JsonObject, expected: Expected): Result<Parts, string> {
  const { context } = request;
  if (context !== undefined && !isJsonObject(context)) return refuse('context is not an object');
  const parts = { subject: NOTHING, action: { name: '' }, resource: NOTHING };
  for (const [name, kind] of Object.entries(expected) as [Part, 'whole' | 'typed'][]) {
    const read = name === 'action' ? readAction(request[name]) : readEntity(request[name], kind);
    if (!read.ok) return refuse(`${name} ${read.error}`);
    Object.assign(parts, { [name]: read.value });
  }
  return ok({ ...parts, ...(context && { context }) });
}

function readEntity(
  value: Json | undefined,
  kind: 'whole' | 'typed',
): Result<AuthzenEntity, string> {
  if (value === undefined) return refuse('is missing');
  if (!isJsonObject(value)) return refuse('is not an object');
  const { type, id, properties } = value;
  if (typeof type !== 'string') return refuse('has no type, or one that is no string');
  if (kind === 'whole' && typeof id !== 'string')
    return refuse('has no id, or one that is no string');
  if (properties !== undefined && !isJsonObject(properties)) {
    return refuse('has properties that are no object');
  }
  // Of what is searched, an id is ignored.
  return ok({
    type,
    id: kind === 'whole' && typeof id === 'string' ? id : '',
    ...(properties && { properties }),
  });
}

function readAction(value: Json | undefined): Result<NamedAction, string> {
  if (value === undefined) return refuse('is missing');
  if (!isJsonObject(value)) return refuse('is not an object');
  const { name, properties } = value;
  if (typeof name !== 'string') return refuse('has no name, or one that is no string');
  if (properties !== undefined && !isJsonObject(properties)) {
    return refuse('has properties that are no object');
  }
  return ok({ name, ...(properties && { properties }) });
}
