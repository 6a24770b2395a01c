import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import type { HttpRoute } from '../http-route/index.ts';
import { ok, type Result, refuse } from '../result.ts';

/** One tool, with its whole definition as the server reports it. */
export interface ListedTool {
  readonly name: string;
  /** The members of the definition, such as `description`, `inputSchema` and `annotations`. */
  readonly definition: JsonObject;
  /** Of an operation of an HTTP API. */
  readonly route?: HttpRoute;
}

/** What a server offers. Lists are in the order of their names, so that two can be compared. */
export interface ServerListing {
  /** As the server calls itself. */
  readonly server: { readonly name: string; readonly version: string };
  readonly tools: readonly ListedTool[];
  /** URIs and URI templates. */
  readonly resources: readonly string[];
  readonly prompts: readonly string[];
  /** Whether it is an HTTP API, described by a document. */
  readonly kind?: 'http';
  /** What of it is no tool, or not all of one, by its name, and why. Not kept in a file. */
  readonly leftOut?: readonly (readonly [name: string, why: string])[];
}

/** Returns the text of a file that keeps a listing, to compare a later one with. */
export const writeListingFile = ({ server, tools, resources, prompts }: ServerListing): string =>
  `${JSON.stringify(
    { v: 1, server, tools: tools.map(({ definition }) => definition), resources, prompts },
    null,
    2,
  )}\n`;

/** Reads a file of `writeListingFile`. The reason is for the person who edited it. */
export function readListingFile(text: string): Result<ServerListing, string> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return refuse('not JSON');
  }
  if (!isJsonObject(file) || file.v !== 1) return refuse('not a listing of version 1');
  const { server, tools, resources, prompts } = file;
  if (!isJsonObject(server) || !Array.isArray(tools)) return refuse('no server, or no tools');
  if (!isTexts(resources) || !isTexts(prompts)) return refuse('no resources, or no prompts');
  const listed = tools.map((tool: Json) => toListedTool(tool));
  if (!listed.every((tool) => tool !== undefined)) return refuse('a tool without a valid name');
  const { name, version } = server;
  return ok({
    server: { name: String(name), version: String(version) },
    tools: listed,
    resources,
    prompts,
  });
}

/** Returns a tool of `tools/list`. Undefined without a name, or with text that is not Unicode. */
export function toListedTool(tool: unknown): ListedTool | undefined {
  if (!isJsonObject(tool) || typeof tool.name !== 'string' || tool.name === '') return undefined;
  try {
    canonicalJson(tool); // Lone surrogates could be neither written nor compared.
  } catch {
    return undefined;
  }
  return { name: tool.name, definition: tool };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
