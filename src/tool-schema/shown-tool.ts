import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import type { VerifiedCapability } from '../capability/index.ts';
import { projectSchema } from './project.ts';
import { type ShownAs, viewFor } from './reach.ts';

/**
 * Returns the definition of a tool as the holder of a token may use it: with the arguments that are
 * allowed and what they may be. Undefined if no call of it can be allowed.
 */
export function shownTool(
  definition: JsonObject,
  tool: ShownAs,
  capability: VerifiedCapability | undefined,
): JsonObject | undefined {
  const view = viewFor(tool, capability);
  const { inputSchema } = definition;
  if (!view || !isJsonObject(inputSchema)) return view && definition;
  return { ...definition, inputSchema: projectSchema(inputSchema, view) };
}
