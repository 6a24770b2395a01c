import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import type { HttpMethod, HttpRoute } from '../catalogue/index.ts';
import { HTTP_METHODS, RouteOverlaps, routeFaults } from '../http-route/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { ListedTool } from '../server-listing/index.ts';
import { readBody } from './body.ts';
import { members, own, resolve } from './document.ts';
import { argumentName, type DraftArgument, readParameters } from './parameters.ts';

const OPERATIONS_MAX = 2_000;

/** One operation of a document, and where it is. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

/** What of a document became no tool, or not all of one, by its name, and why. */
export type LeftOut = readonly [name: string, why: string];

export interface Operations {
  readonly tools: readonly ListedTool[];
  readonly leftOut: readonly LeftOut[];
}

const UNSUPPORTED = ['options', 'trace', 'head', 'query'];

/** Reads each operation as a tool with a route. */
export function readOperations(document: JsonObject, server: string): Result<Operations, string> {
  const tools = new Map<string, ListedTool>();
  const routes = new RouteOverlaps();
  const leftOut: LeftOut[] = [];
  const items = members(document.paths);
  for (const [path, listed] of items) {
    const item = resolve(document, listed);
    if (!item) {
      leftOut.push([path, 'it is a reference that leads out of the document']);
      continue;
    }
    for (const method of UNSUPPORTED.filter((one) => own(item, one) !== undefined)) {
      const follows = method === 'head' && own(item, 'get') !== undefined;
      if (!follows) leftOut.push([`${method.toUpperCase()} ${path}`, 'its method has no route']);
    }
    for (const method of HTTP_METHODS) {
      const operation = own(item, method.toLowerCase());
      if (!isJsonObject(operation)) continue;
      const label = `${method} ${path}`;
      const read = readOperation(document, server, { method, path, item, operation });
      if (!read.ok) {
        leftOut.push([label, read.error]);
        continue;
      }
      const other = routes.find(read.value.tool);
      if (other !== undefined) leftOut.push([label, `its requests could be those of ${other}`]);
      else if (tools.has(read.value.tool.name))
        leftOut.push([label, 'another operation has its id']);
      else {
        tools.set(read.value.tool.name, read.value.tool);
        routes.add(read.value.tool);
        leftOut.push(...read.value.without.map((why): LeftOut => [label, `without ${why}`]));
      }
    }
    if (tools.size > OPERATIONS_MAX) return refuse(`it has more than ${OPERATIONS_MAX} operations`);
  }
  for (const [name] of members(document.webhooks)) {
    leftOut.push([name, 'a webhook calls the agent']);
  }
  return ok({ tools: [...tools.values()], leftOut });
}

interface ReadTool {
  readonly tool: ListedTool;
  readonly without: readonly string[];
}

function readOperation(
  document: JsonObject,
  server: string,
  { method, path, item, operation }: Operation,
): Result<ReadTool, string> {
  const listed = [item.parameters, operation.parameters].flatMap((list) =>
    Array.isArray(list) ? (list as readonly Json[]) : [],
  );
  const parameters = readParameters(document, listed);
  if (!parameters.ok) return parameters;
  const body = readBody(document, operation, method);
  if (!body.ok) return body;
  const template = templateOf(path);
  if (!template.ok) return template;
  // A parameter of the path keeps its name, which stands in the path.
  const found = [...parameters.value.found, ...body.value.found];
  const inPath = ({ place }: DraftArgument): boolean => place.in === 'path';
  const all = distinct([...found.filter(inPath), ...found.filter((one) => !inPath(one))]);
  const undeclared = template.value.names.filter(
    (name) => !all.some((one) => inPath(one) && one.name === name),
  );
  if (undeclared.length > 0) return refuse('its path has a parameter that it does not describe');
  const placed = all.filter((one) => !inPath(one));
  const route: HttpRoute = {
    server,
    methods: [method as HttpMethod],
    path: template.value.path,
    ...(placed.length > 0 && {
      arguments: Object.fromEntries(placed.map(({ name, place }) => [name, place])),
    }),
    ...body.value.route,
  };
  const name = nameOf(operation, method, path);
  const tool = { name: `http/${server}/${name}`, arguments: all.map((one) => one.name) };
  for (const { why } of routeFaults(route, tool)) return refuse(`its route ${why}`);
  const definition = {
    name,
    description: textOf(operation.summary) ?? textOf(operation.description) ?? '',
    inputSchema: schemaOf(all),
    route: route as unknown as JsonObject,
  };
  const callbacks = members(operation.callbacks).map(([one]) => `the callback ${one}`);
  const without = [...parameters.value.without, ...body.value.without, ...callbacks];
  return ok({ tool: { name, definition, route }, without });
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function nameOf({ operationId }: JsonObject, method: string, path: string): string {
  const text = textOf(operationId) ?? `${method.toLowerCase()}_${path}`;
  const name = text.replace(/[^A-Za-z0-9.-]+/g, '_').replace(/^_+|_+$/g, '');
  return name || method.toLowerCase();
}

/** Gives an argument that has the name of an earlier one another name. */
function distinct(found: readonly DraftArgument[]): readonly DraftArgument[] {
  const names = new Set<string>();
  return found.map((one) => {
    let { name } = one;
    while (names.has(name)) name = `${one.place.in}_${name}`;
    names.add(name);
    if (name === one.name || one.place.whole) return { ...one, name };
    return { ...one, name, place: { ...one.place, name: one.place.name ?? one.name } };
  });
}

function schemaOf(found: readonly DraftArgument[]): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(found.map(({ name, schema }) => [name, schema])),
    required: found.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** Writes `/orders/{id}` as `/orders/:id`. */
function templateOf(path: string): Result<{ path: string; names: readonly string[] }, string> {
  const names: string[] = [];
  const written = path.replaceAll(':', '\\:').replaceAll(/\{([^{}/]+)\}/g, (_, name: string) => {
    names.push(argumentName(name));
    return `:${argumentName(name)}`;
  });
  if (/[{}?#]/.test(written)) return refuse('its path is not one that a route can have');
  return ok({ path: written, names });
}
