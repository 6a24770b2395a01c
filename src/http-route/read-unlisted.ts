import type { Json } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { HttpCallError } from './error.ts';
import type { TemplateSegment } from './path-template.ts';
import { QUERY_BYTES_MAX, readFields } from './query.ts';
import type { HttpCall, HttpRequest } from './read-call.ts';
import { type ArgumentPlace, HTTP_METHODS } from './route.ts';
import { readSegments } from './route-table.ts';

/** Of a body that no route bounds. */
const UNLISTED_BYTES_MAX = 1024 * 1024;

/**
 * Reads a request that no route of the catalogue has, for a route that only observes. It is written
 * again from what is read here, so a path, query or body with two readings is refused. Its
 * arguments are the segments of the path by their numbers, the fields of the query, and the body.
 */
export function readUnlisted(request: HttpRequest): Result<HttpCall, HttpCallError> {
  const { server, method, path, query, body } = request;
  const segments = readSegments(path);
  if (!segments.ok) return segments;
  const listed = HTTP_METHODS.find((one) => one === (method === 'HEAD' ? 'GET' : method));
  if (!listed) return refuse({ code: 'route_unknown' });
  if (query.length > QUERY_BYTES_MAX) return refuse({ code: 'query_malformed', why: 'too long' });
  const fields = readFields(query);
  if (!fields.ok) return refuse({ code: 'query_malformed', why: fields.error });
  if (body.form === 'refused') return refuse(body.error);
  if (body.form === 'bytes' && (body.length ?? 0) > UNLISTED_BYTES_MAX) {
    return refuse({ code: 'body_too_large', bytesMax: UNLISTED_BYTES_MAX });
  }
  const places: [string, ArgumentPlace][] = [];
  const args: [string, Json][] = [];
  const add = (name: string, place: ArgumentPlace, value: Json): void => {
    places.push([name, place]);
    args.push([name, value]);
  };
  for (const [name, values] of grouped(fields.value)) {
    add(`query ${name}`, { in: 'query', name, list: true }, values);
  }
  if (body.form === 'json') add('body', { in: 'body', whole: true }, body.value);
  if (body.form === 'form') {
    for (const [name, values] of grouped(body.fields)) {
      add(`body ${name}`, { in: 'body', name, list: true }, values);
    }
  }
  const template = segments.value.map(
    (text, index): TemplateSegment =>
      text === ''
        ? { kind: 'literal', text }
        : { kind: 'parameter', name: String(index), before: '', after: '' },
  );
  const numbered = segments.value.map((text, index) => [String(index), text] as const);
  return ok({
    tool: `http/${server}/${method} ${path}`.slice(0, 128),
    route: {
      server,
      methods: [listed],
      path,
      arguments: Object.fromEntries(places),
      bytes: UNLISTED_BYTES_MAX,
    },
    template,
    values: new Map(numbered),
    method,
    args: { ...Object.fromEntries(numbered), ...Object.fromEntries(args) },
    ...(body.form !== 'none' && { sends: body.form }),
    ...('contentType' in body && { contentType: body.contentType }),
  });
}

function grouped(
  fields: readonly (readonly [string, string])[],
): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}
