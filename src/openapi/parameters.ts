import type { Json, JsonObject } from '../canonical-json.ts';
import type { ArgumentPlace } from '../catalogue/index.ts';
import { isHeaderOfRoute } from '../http-route/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { resolve } from './document.ts';
import { plainSchema, textType, typeOf } from './schema.ts';

/** One argument of an operation. */
export interface DraftArgument {
  readonly name: string;
  readonly place: ArgumentPlace;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** The arguments of an operation, and what of it cannot be one. */
export interface DraftArguments {
  readonly found: readonly DraftArgument[];
  /** A call can do without these. */
  readonly without: readonly string[];
}

/** A name that a parameter of a path can have, and that needs no quotes in TOML. */
export const argumentName = (name: string): string =>
  name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)|^_+(?=.)/, (start) => start && 'x_') || 'x';

/** Reads the parameters. Fails if a required one cannot be an argument. */
export function readParameters(
  document: JsonObject,
  listed: readonly Json[],
): Result<DraftArguments, string> {
  const found = new Map<string, DraftArgument>();
  const without: string[] = [];
  for (const one of listed) {
    const parameter = resolve(document, one);
    if (!parameter) return refuse('a parameter is a reference that leads out of the document');
    const { name, in: place, required } = parameter;
    if (typeof name !== 'string' || typeof place !== 'string')
      return refuse('a parameter has no name');
    // OpenAPI section 4.8.12: these are described elsewhere, and ignored here.
    if (place === 'header' && /^(?:accept|content-type|authorization)$/i.test(name)) continue;
    const argument = readParameter(document, parameter, name, place);
    if (argument.ok) {
      // A parameter of the operation replaces one of its path.
      found.set(`${place} ${name}`, argument.value);
      continue;
    }
    const why = `the ${place} parameter ${name} ${argument.error}`;
    if (required === true) return refuse(why);
    without.push(why);
  }
  return ok({ found: [...found.values()], without });
}

function readParameter(
  document: JsonObject,
  parameter: JsonObject,
  name: string,
  place: string,
): Result<DraftArgument, string> {
  const { required, style, explode, content } = parameter;
  const schema = plainSchema(document, parameter.schema);
  const isRequired = required === true;
  if (content !== undefined) return refuse('has a media type of its own');
  const type = typeOf(schema);
  const base = { name: argumentName(name), schema, isRequired };
  const named = base.name === name ? {} : { name };
  const typed = textType(schema);
  switch (place) {
    case 'path':
      if (type === 'array' || type === 'object') return refuse('is a list or an object');
      if (style !== undefined && style !== 'simple')
        return refuse(`has the style ${String(style)}`);
      // Datasets are texts, so the type of an id is left to a person.
      return ok({ ...base, schema: { type: 'string' }, place: { in: 'path' }, isRequired: true });
    case 'query': {
      if (type === 'object') return refuse('is an object');
      if (style !== undefined && style !== 'form') return refuse(`has the style ${String(style)}`);
      if (type !== 'array')
        return ok({ ...base, place: { in: 'query', ...named, ...typeKey(typed) } });
      if (explode === false) return refuse('is a list in one value');
      const items = textType((schema.items ?? {}) as JsonObject);
      return ok({ ...base, place: { in: 'query', ...named, ...typeKey(items), list: true } });
    }
    case 'header':
      if (type === 'array' || type === 'object') return refuse('is a list or an object');
      return isHeaderOfRoute(name)
        ? ok({ ...base, place: { in: 'header', ...named, ...typeKey(typed) } })
        : refuse('is a header that the gateway never passes on');
    default:
      return refuse(`is in a ${place}, which the gateway never passes on`);
  }
}

export const typeKey = (type: ArgumentPlace['type']): { type?: NonNullable<typeof type> } =>
  type === undefined ? {} : { type };
