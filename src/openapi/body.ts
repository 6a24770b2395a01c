import type { JsonObject } from '../canonical-json.ts';
import type { HttpRoute } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { members, resolve } from './document.ts';
import { argumentName, type DraftArgument, typeKey } from './parameters.ts';
import { memberType, plainSchema, textType, typeOf } from './schema.ts';

/** The body of an operation, as far as a route can have it. */
export interface DraftBody {
  readonly found: readonly DraftArgument[];
  readonly route: Pick<HttpRoute, 'body' | 'contentTypes' | 'bytes'>;
  readonly without: readonly string[];
}

const UPLOAD_BYTES_GUESS = 1024 * 1024;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
const FORM_TYPE = 'application/x-www-form-urlencoded';
const NONE: DraftBody = { found: [], route: {}, without: [] };

/** Reads the body of an operation: as JSON if it can be, else as a form, else as bytes. */
export function readBody(
  document: JsonObject,
  operation: JsonObject,
  method: string,
): Result<DraftBody, string> {
  if (operation.requestBody === undefined) return ok(NONE);
  const body = resolve(document, operation.requestBody);
  if (!body) return refuse('its body is a reference that leads out of the document');
  if (method === 'GET') {
    const why = 'the body of a GET request';
    return body.required === true ? refuse(`it needs ${why}`) : ok({ ...NONE, without: [why] });
  }
  const types = members(body.content).map(
    ([type, media]) => [type.split(';')[0]?.trim().toLowerCase() ?? '', media] as const,
  );
  const json = types.find(([type]) => JSON_TYPE.test(type));
  const form = types.find(([type]) => type === FORM_TYPE);
  const chosen = json ?? form;
  const others = types.filter((one) => one !== chosen).map(([type]) => `a body of type ${type}`);
  if (!chosen) return readBytes(types.map(([type]) => type));
  const [type, media] = chosen;
  const schema = plainSchema(document, resolve(document, media)?.schema);
  const isRequired = body.required === true;
  if (json) return ok(readJson(schema, type, isRequired, others));
  return readForm(schema, isRequired, others);
}

function readBytes(types: readonly string[]): Result<DraftBody, string> {
  if (types.some((type) => !/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(type)) || types.length === 0) {
    return refuse('its body has no certain media type');
  }
  const route = { body: 'bytes', contentTypes: types, bytes: UPLOAD_BYTES_GUESS } as const;
  return ok({ found: [], route, without: [] });
}

function readJson(
  schema: JsonObject,
  type: string,
  isRequired: boolean,
  without: readonly string[],
): DraftBody {
  const route = {
    body: 'json' as const,
    ...(type !== 'application/json' && { contentTypes: [type] }),
  };
  const properties = propertiesOf(schema);
  if (properties.length === 0) {
    const whole = { name: 'body', place: { in: 'body', whole: true }, schema, isRequired } as const;
    return { found: [whole], route, without };
  }
  const found = properties.map(({ member, inner, isNeeded }): DraftArgument => {
    const name = argumentName(member);
    const named = name === member ? {} : { name: member };
    const place = { in: 'body', ...named, ...typeKey(memberType(inner)) } as const;
    return { name, place, schema: inner, isRequired: isRequired && isNeeded };
  });
  return { found, route, without };
}

function readForm(
  schema: JsonObject,
  isRequired: boolean,
  without: readonly string[],
): Result<DraftBody, string> {
  const found: DraftArgument[] = [];
  for (const { member, inner, isNeeded } of propertiesOf(schema)) {
    const name = argumentName(member);
    const named = name === member ? {} : { name: member };
    const type = typeOf(inner);
    if (type === 'object') return refuse(`the field ${member} of its form is an object`);
    const isList = type === 'array';
    const one = isList ? ((inner.items ?? {}) as JsonObject) : inner;
    const place = {
      in: 'body',
      ...named,
      ...typeKey(textType(one)),
      ...(isList && { list: true }),
    } as const;
    found.push({ name, place, schema: inner, isRequired: isRequired && isNeeded });
  }
  if (found.length === 0) return refuse('the fields of its form are not listed');
  return ok({ found, route: { body: 'form' }, without });
}

interface Property {
  readonly member: string;
  readonly inner: JsonObject;
  readonly isNeeded: boolean;
}

function propertiesOf({ properties, required }: JsonObject): readonly Property[] {
  const needed = Array.isArray(required) ? required : [];
  return members(properties).map(([member, inner]) => ({
    member,
    inner: inner as JsonObject,
    isNeeded: needed.includes(member),
  }));
}
