import type { Json } from '../canonical-json.ts';
import type { PathTemplate } from './path-template.ts';
import { type Field, writeFields } from './query.ts';
import type { HttpCall } from './read-call.ts';
import { passedOn } from './request-headers.ts';
import type { ArgumentPlace } from './route.ts';

/** A request to an API, except for a body that is passed on unread. */
export interface WrittenRequest {
  readonly method: string;
  /** Path and query, below the URL of the API. */
  readonly path: string;
  readonly headers: Headers;
  readonly body?: string;
}

/**
 * Writes the request of a call from its arguments, as they were judged. Nothing of the text that
 * arrived is in it, except the headers that pass without being judged.
 */
export function writeRequest(call: HttpCall, received: Headers): WrittenRequest {
  const { method, route, template, args, sends, contentType } = call;
  const headers = passedOn(route, received);
  const query: Field[] = [];
  const form: Field[] = [];
  const members: [string, Json][] = [];
  let whole: Json | undefined;
  for (const [argument, place] of Object.entries(route.arguments ?? {})) {
    const value = Object.hasOwn(args, argument) ? args[argument] : undefined;
    if (value === undefined) continue;
    const { name = argument } = place;
    if (place.in === 'query') query.push(...fieldsOf(place, name, value));
    if (place.in === 'header') headers.set(name, String(value));
    if (place.in !== 'body') continue;
    if (place.whole) whole = value;
    else if (sends === 'form') form.push(...fieldsOf(place, name, value));
    else members.push([name, value]);
  }
  const path = writePath(template, args);
  const search = query.length === 0 ? '' : `?${writeFields(query)}`;
  const written = { method, path: `${path}${search}`, headers };
  if (sends === undefined) return written;
  if (sends === 'form') {
    headers.set('content-type', 'application/x-www-form-urlencoded');
    return { ...written, body: writeFields(form) };
  }
  headers.set('content-type', sends === 'json' ? jsonType(contentType) : (contentType ?? ''));
  if (sends === 'bytes') return written;
  return { ...written, body: JSON.stringify(whole ?? Object.fromEntries(members)) };
}

/** Without the parameters: JSON has one encoding. */
const jsonType = (contentType = 'application/json'): string =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';

const fieldsOf = ({ list }: ArgumentPlace, name: string, value: Json): readonly Field[] =>
  (list ? (value as readonly Json[]) : [value]).map((one) => [name, String(one)]);

function writePath(template: PathTemplate, args: HttpCall['args']): string {
  const segments = template.map((part) => {
    if (part.kind === 'literal') return part.text;
    const value = String(args[part.name]);
    if (part.kind === 'rest') return value.split('/').map(encodeURIComponent).join('/');
    return `${part.before}${encodeURIComponent(value)}${part.after}`;
  });
  return `/${segments.join('/')}`;
}
