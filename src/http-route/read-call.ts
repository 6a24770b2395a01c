import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { pointerTo } from '../json-pointer.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { HttpCallError } from './error.ts';
import { type Field, QUERY_BYTES_MAX, readFields } from './query.ts';
import type { ReceivedBody } from './received-body.ts';
import { readHeaderArgument } from './request-headers.ts';
import { type ArgumentPlace, type HttpRoute, placeOf } from './route.ts';
import type { Matched, RouteTable } from './route-table.ts';
import { hasType, readTextValue } from './text-value.ts';

/** A request below the path of one API, with its body read as far as it can be. */
export interface HttpRequest {
  readonly server: string;
  readonly method: string;
  /** As received: `/orders/7`. */
  readonly path: string;
  /** As received, without the question mark. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: ReceivedBody;
}

/** The call that a request is. */
export interface HttpCall extends Matched {
  readonly method: string;
  readonly args: JsonObject;
  /** The form in which the request has a body; undefined without one. */
  readonly sends?: 'json' | 'form' | 'bytes';
  /** The media type of the body. */
  readonly contentType?: string;
}

type Read<T> = Result<T, HttpCallError>;
type Arguments = [name: string, value: Json][];

/** Why a request is not a call, and the tool whose route it has. */
export interface HttpCallRefusal {
  readonly error: HttpCallError;
  readonly tool?: string;
}

/**
 * Reads a request as the call of a tool. The world is closed: everything in the path, the query and
 * the body is an argument that the route lists, exactly once.
 */
export function readHttpCall(
  routes: RouteTable,
  request: HttpRequest,
): Result<HttpCall, HttpCallRefusal> {
  const matched = routes.match(request.server, request.method, request.path);
  if (!matched.ok) return refuse({ error: matched.error });
  const read = readArguments(matched.value, request);
  if (!read.ok) return refuse({ error: read.error, tool: matched.value.tool });
  return ok({ ...matched.value, method: request.method, ...read.value });
}

function readArguments(
  { route, values }: Matched,
  request: HttpRequest,
): Read<Pick<HttpCall, 'args' | 'sends' | 'contentType'>> {
  const args: Arguments = [];
  for (const [name, text] of values) {
    const { type = 'string' } = placeOf(route, name) ?? {};
    const value = readTextValue(text, type);
    if (!value.ok) return malformed(name, value.error);
    args.push([name, value.value]);
  }
  const body = readBody(route, request.body);
  if (!body.ok) return body;
  const { sends, contentType, members } = body.value;
  for (const part of [
    readQuery(route, request.query),
    readHeaders(route, request.headers),
    members,
  ]) {
    if (!part.ok) return part;
    args.push(...part.value);
  }
  return ok({
    args: Object.fromEntries(args),
    ...(sends && { sends }),
    ...(contentType !== undefined && { contentType }),
  });
}

const malformed = (argument: string, why: string): Read<never> =>
  refuse({ code: 'argument_malformed', pointer: pointerTo('', argument), why });

function readQuery(route: HttpRoute, query: string): Read<Arguments> {
  if (query.length > QUERY_BYTES_MAX) return refuse({ code: 'query_malformed', why: 'too long' });
  const fields = readFields(query);
  if (!fields.ok) return refuse({ code: 'query_malformed', why: fields.error });
  return argumentsOf(route, 'query', fields.value);
}

/** Reads fields as the arguments that the route has in this place. */
function argumentsOf(
  route: HttpRoute,
  place: 'query' | 'body',
  fields: readonly Field[],
): Read<Arguments> {
  const args = new Map<string, Json>();
  for (const [field, text] of fields) {
    const listed = listedAs(route, place, field);
    if (!listed) return refuse({ code: 'argument_unlisted', pointer: pointerTo('', field) });
    const [name, { type = 'string', list = false }] = listed;
    const value = readTextValue(text, type);
    if (!value.ok) return malformed(name, value.error);
    const before = args.get(name);
    // One reader takes the first of two values, and another the last.
    if (before !== undefined && !list) {
      return refuse({ code: 'argument_repeated', pointer: pointerTo('', name) });
    }
    args.set(name, list ? [...((before as readonly Json[]) ?? []), value.value] : value.value);
  }
  return ok([...args]);
}

/** Returns the argument that has this name in this place. */
function listedAs(
  route: HttpRoute,
  place: ArgumentPlace['in'],
  field: string,
): readonly [string, ArgumentPlace] | undefined {
  return Object.entries(route.arguments ?? {}).find(
    ([argument, { in: where, name = argument }]) => where === place && name === field,
  );
}

function readHeaders(route: HttpRoute, headers: Headers): Read<Arguments> {
  const args: Arguments = [];
  for (const [argument, { in: place, name = argument, type = 'string' }] of Object.entries(
    route.arguments ?? {},
  )) {
    const text = place === 'header' ? headers.get(name) : null;
    if (text === null) continue;
    const plain = readHeaderArgument(text);
    if (!plain.ok) return malformed(argument, plain.error);
    const value = readTextValue(plain.value, type);
    if (!value.ok) return malformed(argument, value.error);
    args.push([argument, value.value]);
  }
  return ok(args);
}

interface ReadBody {
  readonly members: Read<Arguments>;
  readonly sends?: 'json' | 'form' | 'bytes';
  readonly contentType?: string;
}

function readBody(route: HttpRoute, body: ReceivedBody): Read<ReadBody> {
  if (body.form === 'refused') return refuse(body.error);
  if (body.form === 'none') return ok({ members: ok([]) });
  if (route.body === undefined) {
    return refuse({ code: 'body_invalid', why: 'the route has no body' });
  }
  if (body.form !== route.body) {
    return refuse({ code: 'body_type_unsupported', header: 'content-type' });
  }
  if (body.form === 'form') {
    return ok({ sends: 'form', members: argumentsOf(route, 'body', body.fields) });
  }
  const { contentType } = body;
  if (!isListedType(route, contentType)) {
    return refuse({ code: 'body_type_unsupported', header: 'content-type' });
  }
  if (body.form === 'bytes' && (body.length ?? 0) > (route.bytes ?? 0)) {
    return refuse({ code: 'body_too_large', bytesMax: route.bytes ?? 0 });
  }
  return body.form === 'json'
    ? ok({ sends: 'json', contentType, members: readMembers(route, body.value) })
    : ok({ sends: 'bytes', contentType, members: ok([]) });
}

const JSON_ONLY: readonly string[] = ['application/json'];

/**
 * A media type with parameters such as the boundary of a form, in a form that is safe to repeat.
 */
const MEDIA_TYPE = /^([\w.+-]+\/[\w.+-]+)(?: *; *[\w-]+=(?:[\w.+'-]+|"[\w .+'()/:=?-]+"))*$/;

function isListedType({ contentTypes = JSON_ONLY }: HttpRoute, contentType: string): boolean {
  const essence = MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase();
  return essence !== undefined && contentTypes.includes(essence);
}

function readMembers(route: HttpRoute, value: Json): Read<Arguments> {
  const whole = Object.entries(route.arguments ?? {}).find(([, place]) => place.whole);
  if (whole) return readMember(whole, value);
  if (!isJsonObject(value)) return refuse({ code: 'body_invalid', why: 'not an object' });
  const args: Arguments = [];
  for (const [member, inner] of Object.entries(value)) {
    const listed = listedAs(route, 'body', member);
    if (!listed) return refuse({ code: 'argument_unlisted', pointer: pointerTo('', member) });
    const read = readMember(listed, inner);
    if (!read.ok) return read;
    args.push(...read.value);
  }
  return ok(args);
}

function readMember(
  [name, { type }]: readonly [string, ArgumentPlace],
  value: Json,
): Read<Arguments> {
  if (type !== undefined && !hasType(value, type)) return malformed(name, `is not a ${type}`);
  return ok([[name, value]]);
}
