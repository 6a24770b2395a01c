/** The tool catalogue of a suite: as an API owner wrote it, or without any marks. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import type { Json, JsonObject, Suite, SuiteTool } from '../agent-authz-bench/index.ts';
import { unwrap } from '../unwrap.ts';

/** Where this repository keeps the catalogues of suites, one file each. */
export const CATALOGUES_FOLDER = fileURLToPath(new URL('./catalogues/', import.meta.url).href);

/** A suite of our own, with its catalogue. No model ran it. */
export const OWN_FOLDER = fileURLToPath(new URL('./desk/', import.meta.url).href);

export const toolName = (suite: string, name: string): string => `mcp/${suite}/${name}`;

/** Reads the catalogue of a suite. Undefined if the folder has none of its name. */
export function writtenCatalogue(folder: string, suite: string): Catalogue | undefined {
  const file = join(folder, `${suite}.toml`);
  return existsSync(file) ? unwrap(parseCatalogue(readFileSync(file, 'utf8'))) : undefined;
}

/**
 * Returns a catalogue that knows nothing but the schemas. Every argument of a tool that changes
 * something is a sink, because none is known to be harmless. Its kind is its type.
 */
export function unmarkedCatalogue(suite: string, { tools }: Suite): Catalogue {
  return unwrap(parseCatalogue(tools.map((tool) => entryOf(suite, tool)).join('\n')));
}

function entryOf(suite: string, { name, parameters, required, effectful }: SuiteTool): string {
  const names = Object.keys(parameters);
  const sinks = effectful ? names : [];
  return [
    '[[tool]]',
    `name = ${JSON.stringify(toolName(suite, name))}`,
    `action = "${effectful ? 'write' : 'read'}"`,
    `tier = ${effectful ? 3 : 1}`,
    `arguments = ${JSON.stringify(names)}`,
    `datasets = [{ fixed = "${suite}" }]`,
    'sinks = []',
    ...sinks.flatMap((one) => [
      '[[tool.sink]]',
      `argument = ${JSON.stringify(isList(parameters, one) ? `/${one}/*` : `/${one}`)}`,
      `kind = "${isNumber(parameters[one]) ? 'number' : 'text'}"`,
      ...(required.includes(one) ? [] : ['optional = true']),
    ]),
    '',
  ].join('\n');
}

/** Whether a schema takes numbers. */
export function isNumber(schema: Json | undefined): boolean {
  const { type } = Object(schema) as { readonly type?: Json };
  return type === 'number' || type === 'integer';
}

function isList(parameters: JsonObject, name: string): boolean {
  const { type, anyOf = [] } = Object(parameters[name]) as {
    readonly type?: string;
    readonly anyOf?: readonly { readonly type?: string }[];
  };
  return type === 'array' || anyOf.some((one) => one.type === 'array');
}
