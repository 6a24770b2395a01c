import * as v from 'valibot';
import type { CatalogueTool } from '../catalogue.ts';
import { serverOf } from '../offers/offers.ts';
import { readUriTemplate } from '../offers/uri-template.ts';
import { type CatalogueKey, type KeyFault, pointerFault } from './key.ts';

/** The keys that only entries of MCP servers have. */

const PROMPT_NAME_LENGTH_MAX = 128;
const PARAMETER_HEADERS_MAX = 32;
/** RFC 9110 section 5.6.2. */
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]{1,64}$/;

export const resource: CatalogueKey<string> = {
  schema: v.string(),
  absent: 'nothing',
  *faults(template, tool) {
    if (template === undefined) return;
    yield* offerFaults(tool);
    const read = readUriTemplate(template);
    if (!read.ok) {
      yield { why: read.error };
      return;
    }
    const { variables } = read.value;
    const isSame =
      variables.length === tool.arguments.length &&
      variables.every((name) => tool.arguments.includes(name));
    if (!isSame) yield { why: 'must have exactly the variables that `arguments` lists' };
  },
  differences: () => ['it is another resource'],
};

export const prompt: CatalogueKey<string> = {
  schema: v.pipe(v.string(), v.minLength(1), v.maxLength(PROMPT_NAME_LENGTH_MAX)),
  absent: 'nothing',
  *faults(name, tool) {
    if (name === undefined) return;
    yield* offerFaults(tool);
    if (tool.resource !== undefined) yield { why: 'an entry is a resource or a prompt, not both' };
  },
  differences: () => ['it is another prompt'],
};

function* offerFaults({ name, action, route }: CatalogueTool): Generator<KeyFault> {
  if (serverOf(name) === undefined) yield { why: 'is only for an entry named mcp/<server>/…' };
  if (action !== 'read') yield { why: 'is only for an entry with action = "read"' };
  if (route !== undefined) yield { why: 'cannot stand beside `route`' };
}

export const parameterHeaders: CatalogueKey<Readonly<Record<string, string>>> = {
  schema: v.pipe(
    v.record(v.pipe(v.string(), v.regex(FIELD_NAME, 'not the name of a header')), v.string()),
    v.maxEntries(PARAMETER_HEADERS_MAX),
  ),
  absent: 'nothing',
  *faults(headers, tool) {
    if (headers === undefined) return;
    if (
      serverOf(tool.name) === undefined ||
      tool.resource !== undefined ||
      tool.prompt !== undefined
    ) {
      yield { why: 'is only for a tool named mcp/<server>/…' };
    }
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    for (const [index, [name, pointer]] of Object.entries(headers).entries()) {
      const why = pointer.includes('*') ? 'must lead to one argument' : pointerFault(pointer, tool);
      if (why !== undefined) yield { where: name, why };
      if (names.indexOf(name.toLowerCase()) < index) yield { where: name, why: 'appears twice' };
    }
  },
  differences: () => ['other headers repeat its arguments'],
};
