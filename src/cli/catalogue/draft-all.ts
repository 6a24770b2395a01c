import { definitionDigest } from '../../catalogue/index.ts';
import { type DraftedTool, draftTool } from '../../catalogue-draft/index.ts';
import type { ListedTool, ServerListing } from '../../server-listing/index.ts';

/** The entries of a server's tools, and what became none. */
export interface Draft {
  readonly tools: readonly DraftedTool[];
  readonly leftOut: readonly (readonly [name: string, why: string])[];
}

/** Drafts an entry for each tool of a server, and pins its present definition. */
export async function draftAll(name: string, listing: ServerListing): Promise<Draft> {
  const tools: DraftedTool[] = [];
  const leftOut = [...(listing.leftOut ?? [])];
  for (const tool of listing.tools) {
    const drafted = draftTool(name, tool);
    if (drafted.ok) tools.push(await pinned(drafted.value, tool));
    else leftOut.push([tool.name, drafted.error]);
  }
  return { tools, leftOut };
}

/** Pins the definition that the draft was made from. An HTTP API lists none to its agents. */
async function pinned(
  drafted: DraftedTool,
  { definition, route }: ListedTool,
): Promise<DraftedTool> {
  if (route !== undefined) return drafted;
  const digest = await definitionDigest(definition);
  return digest === undefined
    ? drafted
    : { ...drafted, tool: { ...drafted.tool, definition: digest } };
}
