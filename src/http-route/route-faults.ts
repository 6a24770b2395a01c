import { parametersOf, readPathTemplate } from './path-template.ts';
import { isHeaderOfRoute } from './request-headers.ts';
import type { ArgumentPlace, HttpRoute } from './route.ts';

/** What is wrong with a route, and where in it. */
export interface RouteFault {
  readonly where?: string;
  readonly why: string;
}

/** Returns what is wrong with the route of a tool that has these arguments. */
export function* routeFaults(
  route: HttpRoute,
  { name, arguments: names }: { readonly name: string; readonly arguments: readonly string[] },
): Generator<RouteFault> {
  if (!name.startsWith(`http/${route.server}/`)) {
    yield { where: 'server', why: `a tool of this server is called http/${route.server}/…` };
  }
  const template = readPathTemplate(route.path);
  if (!template.ok) yield { where: 'path', why: template.error };
  const parameters = template.ok ? parametersOf(template.value) : [];
  for (const parameter of parameters.filter((one) => !names.includes(one))) {
    yield { where: 'path', why: `the parameter ${parameter} is not one of the listed arguments` };
  }
  const places = Object.entries(route.arguments ?? {});
  for (const [argument, place] of places) {
    const where = `arguments.${argument}`;
    if (!names.includes(argument)) yield { where, why: 'not one of the listed arguments' };
    for (const why of placeFaults(route, place, parameters.includes(argument)))
      yield { where, why };
    if (isTaken(places, argument, place)) {
      yield { where, why: 'another argument has the same place' };
    }
  }
  for (const argument of names) {
    const hasPlace = parameters.includes(argument) || places.some(([one]) => one === argument);
    if (template.ok && !hasPlace) {
      yield { where: 'arguments', why: `does not say where the argument ${argument} is` };
    }
  }
  yield* bodyFaults(route, places);
  for (const key of ['headers', 'answerHeaders'] as const) {
    for (const [index, header] of (route[key] ?? []).entries()) {
      if (!isHeaderOfRoute(header) || (key === 'answerHeaders' && /^set-|^www-/i.test(header))) {
        yield { where: `${key}.${index}`, why: 'a header that the gateway never passes on' };
      }
    }
  }
}

function* placeFaults(
  { body }: HttpRoute,
  { in: place, name, type, list, whole }: ArgumentPlace,
  isParameter: boolean,
): Generator<string> {
  if ((place === 'path') !== isParameter) {
    yield isParameter ? 'is a parameter of the path' : 'is not a parameter of the path';
  }
  if (place === 'path' && name !== undefined) yield 'a parameter of the path has its own name';
  if (place === 'header' && name !== undefined && !isHeaderOfRoute(name)) {
    yield 'a header that the gateway never passes on';
  }
  if (place === 'body' && body !== 'json' && body !== 'form') {
    yield 'needs a body that is read: body = "json" or "form"';
  }
  if (list && place !== 'query' && !(place === 'body' && body === 'form')) {
    yield 'only a query and a form can repeat a value';
  }
  if (whole && (body !== 'json' || place !== 'body' || name !== undefined || type !== undefined)) {
    yield 'only a JSON body can be one argument as a whole, without name and type';
  }
}

/** Whether an earlier argument has the place already. The names of headers ignore case. */
function isTaken(
  places: readonly (readonly [string, ArgumentPlace])[],
  argument: string,
  place: ArgumentPlace,
): boolean {
  const key = (name: string, one: ArgumentPlace): string => {
    const field = one.name ?? name;
    return `${one.in} ${one.in === 'header' ? field.toLowerCase() : field}`;
  };
  const inBody = places.filter(([, one]) => one.in === 'body');
  if (place.whole && inBody.length > 1) return true;
  const first = places.find(([name, one]) => key(name, one) === key(argument, place));
  return first?.[0] !== argument;
}

function* bodyFaults(
  { body, methods, contentTypes = [], bytes }: HttpRoute,
  places: readonly (readonly [string, ArgumentPlace])[],
): Generator<RouteFault> {
  if (body !== undefined && methods.includes('GET')) {
    yield { where: 'body', why: 'a GET request has no body' };
  }
  if (body === 'bytes') {
    if (contentTypes.length === 0) {
      yield { where: 'contentTypes', why: 'missing: no check reads the body, so list its types' };
    }
    if (bytes === undefined) {
      yield { where: 'bytes', why: 'missing: no check reads the body, so bound its size' };
    }
  } else if (bytes !== undefined) {
    yield { where: 'bytes', why: 'bounds only a body that no check reads: body = "bytes"' };
  }
  for (const [index, type] of contentTypes.entries()) {
    const where = `contentTypes.${index}`;
    const isJson = /^application\/(?:[\w.-]+\+)?json$/.test(type);
    const isForm = type === 'application/x-www-form-urlencoded';
    if (!/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(type)) {
      yield { where, why: 'must be a media type in lower case, without parameters' };
    } else if (body === 'json' ? !isJson : body !== 'bytes') {
      yield { where, why: `a body of this kind has another type` };
    } else if (body === 'bytes' && (isJson || isForm)) {
      yield { where, why: 'a body of this type is read: body = "json" or "form"' };
    }
  }
  if (body === 'form' && places.every(([, place]) => place.in !== 'body')) {
    yield { where: 'body', why: 'no argument is in the body' };
  }
}
