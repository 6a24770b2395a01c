import { checkPath } from '../capability/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { HttpCallError } from './error.ts';
import {
  type PathTemplate,
  readPathTemplate,
  relate,
  type TemplateSegment,
  valueIn,
} from './path-template.ts';
import type { HttpRoute } from './route.ts';

/** A tool that is called over HTTP. */
export interface RoutedTool {
  readonly name: string;
  readonly route?: HttpRoute | undefined;
}

/** The route of a request, and what the path has of its arguments. */
export interface Matched {
  readonly tool: string;
  readonly route: HttpRoute;
  readonly template: PathTemplate;
  /** The text of each parameter, decoded. */
  readonly values: ReadonlyMap<string, string>;
}

const tables = new WeakMap<object, RouteTable>();

/** Returns the routes of a catalogue, which are read once. */
export function routesOf(catalogue: ReadonlyMap<string, RoutedTool>): RouteTable {
  const table = tables.get(catalogue) ?? new RouteTable(catalogue.values());
  tables.set(catalogue, table);
  return table;
}

/** The route of a tool, as far as its path can be read. */
export interface ReadRoute {
  readonly tool: string;
  readonly route: HttpRoute;
  readonly template: PathTemplate;
}

/** Returns undefined for a tool without a route, and for a path that is not a template. */
export function readRoute({ name: tool, route }: RoutedTool): ReadRoute | undefined {
  if (!route) return undefined;
  const template = readPathTemplate(route.path);
  return template.ok ? { tool, route, template: template.value } : undefined;
}

interface Entry extends ReadRoute {
  /** As servers compare it that ignore case or the form of a letter. */
  readonly folded: PathTemplate;
}

/** The routes of all APIs in a catalogue. */
export class RouteTable {
  readonly #servers = new Map<string, Entry[]>();

  constructor(tools: Iterable<RoutedTool>) {
    for (const tool of tools) {
      const read = readRoute(tool);
      if (!read) continue;
      const { server } = read.route;
      const entries = this.#servers.get(server) ?? [];
      entries.push({ ...read, folded: read.template.map(foldSegment) });
      this.#servers.set(server, entries);
    }
  }

  /**
   * Finds the route of a request. The path is as it was received, below that of the API.
   *
   * Fixed text wins over a parameter, as in OpenAPI. A path that reads like the fixed text of
   * another route, such as `/orders/Search` beside `/orders/search`, is refused: many servers route
   * it there.
   */
  match(server: string, method: string, path: string): Result<Matched, HttpCallError> {
    const segments = readSegments(path);
    if (!segments.ok) return segments;
    const entries = this.#servers.get(server) ?? [];
    const best = narrowest(entries.filter(({ template }) => fits(template, segments.value)));
    const [first] = best;
    if (!first) return refuse({ code: 'route_unknown' });
    const folded = segments.value.map(fold);
    const alike = narrowest(entries.filter((entry) => fits(entry.folded, folded)));
    if (alike.some((entry) => !best.includes(entry))) {
      return refuse({ code: 'name_invalid', kind: 'path', why: 'reads like another route' });
    }
    const entry = best.find(({ route }) => methodsOf(route).includes(method));
    if (!entry) {
      const methods = [...new Set(best.flatMap(({ route }) => methodsOf(route)))];
      return refuse({ code: 'route_method_unlisted', methods });
    }
    const { tool, route, template } = entry;
    return ok({ tool, route, template, values: valuesOf(template, segments.value) });
  }
}

/** HEAD is GET without the body of the answer (RFC 9110 section 9.3.2). */
const methodsOf = ({ methods }: HttpRoute): readonly string[] =>
  methods.includes('GET') ? [...methods, 'HEAD'] : methods;

/** Returns the entries without those that a narrower one replaces. */
const narrowest = (fitting: readonly Entry[]): readonly Entry[] =>
  fitting.filter(
    (one) => !fitting.some((other) => relate(other.template, one.template) === 'inside'),
  );

function fits(template: PathTemplate, segments: readonly string[]): boolean {
  const hasRest = template.at(-1)?.kind === 'rest';
  if (hasRest ? segments.length < template.length : segments.length !== template.length) {
    return false;
  }
  return template.every((part, index) => {
    const text = segments[index] ?? '';
    if (part.kind === 'literal') return part.text === text;
    if (part.kind === 'rest') return segments.slice(index).every((one) => one !== '');
    return valueIn(text, part) !== undefined;
  });
}

function valuesOf(
  template: PathTemplate,
  segments: readonly string[],
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, part] of template.entries()) {
    if (part.kind === 'parameter')
      values.set(part.name, valueIn(segments[index] ?? '', part) ?? '');
    if (part.kind === 'rest') values.set(part.name, segments.slice(index).join('/'));
  }
  return values;
}

const invalid = (why: string): Result<never, HttpCallError> =>
  refuse({ code: 'name_invalid', kind: 'path', why });

/**
 * Returns the decoded segments of a path that every server splits and decodes in the same way.
 * Servers take what follows a `;` for parameters, and some drop a dot or space at the end.
 */
export function readSegments(path: string): Result<readonly string[], HttpCallError> {
  const checked = checkPath(path);
  if (!checked.ok) return invalid(checked.error.why);
  const segments = path.slice(1).split('/').map(decodeURIComponent);
  for (const segment of segments) {
    if (/[\\;?#\p{C}]/u.test(segment)) return invalid('an encoded character that is not allowed');
    if (/^\s|[\s.]$/.test(segment)) return invalid('a dot or space at the end of a segment');
    if (segment.normalize('NFC') !== segment) return invalid('not in Unicode form NFC');
  }
  return ok(segments);
}

/** Returns what servers that ignore case or the form of a letter compare. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

function foldSegment(part: TemplateSegment): TemplateSegment {
  if (part.kind === 'literal') return { ...part, text: fold(part.text) };
  if (part.kind === 'rest') return part;
  return { ...part, before: fold(part.before), after: fold(part.after) };
}
