import { type BlockBound, readArgumentBounds } from '../bounds/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import {
  type Action,
  covers,
  grantedDatasets,
  type VerifiedCapability,
} from '../capability/index.ts';
import type { CatalogueTool } from '../catalogue/index.ts';
import { boundTree } from './bound-tree.ts';
import { type ToolView, viewOf } from './view.ts';

/** The names of a tool, and what the catalogue says about its arguments, if there is one. */
export type ShownAs = Pick<CatalogueTool, 'name' | 'action'> &
  Partial<Pick<CatalogueTool, 'arguments' | 'datasets'>>;

/** Returns what every call of a tool meets that a token allows; undefined if it allows none. */
export function viewFor(
  { name, action, arguments: names, datasets }: ShownAs,
  capability: VerifiedCapability | undefined,
): ToolView | undefined {
  const bounds = boundsOf(capability, name);
  const granted = grantedBy(capability, { tool: name, action });
  return viewOf(names && datasets && { arguments: names, datasets }, granted, bounds);
}

/** Returns whether the token can cover the datasets of one call. */
export function coversDatasets(
  { tool, action, dataset }: { tool: string; action: Action; dataset: readonly string[] },
  capability: VerifiedCapability | undefined,
): boolean {
  const ofCaveats = boundsOf(capability, tool).flatMap((bound) =>
    bound.kind === 'datasets' ? [bound.roots] : [],
  );
  return [grantedBy(capability, { tool, action }), ...ofCaveats].every((roots) =>
    dataset.every((one) => roots.some((root) => covers(root, one))),
  );
}

/** Returns a prompt of a list with the arguments that the token allows. */
export function shownPrompt(
  definition: JsonObject,
  tool: CatalogueTool,
  capability: VerifiedCapability | undefined,
): JsonObject | undefined {
  const view = viewFor(tool, capability);
  const { arguments: listed } = definition;
  if (!view || !Array.isArray(listed)) return view && definition;
  const { closed, absent } = boundTree(view);
  const shown = (listed as readonly Json[]).filter(
    (one) =>
      isJsonObject(one) &&
      !absent.has(String(one.name)) &&
      (closed === undefined || closed.has(String(one.name))),
  );
  return { ...definition, arguments: shown };
}

const boundsOf = (
  capability: VerifiedCapability | undefined,
  tool: string,
): readonly BlockBound[] => (capability ? readArgumentBounds(capability.blocks, tool) : []);

const grantedBy = (
  capability: VerifiedCapability | undefined,
  call: { readonly tool: string; readonly action: Action },
): readonly string[] => grantedDatasets(capability?.authority.grants ?? [], call);
