import { type Catalogue, definitionDigest } from '../catalogue/index.ts';
import { lookOf } from '../look-alike.ts';
import type { ServerListing } from '../server-listing/index.ts';
import type { Finding } from './compare.ts';

/** A tool whose definition at the server is another than the catalogue pins. */
export interface ChangedPin {
  /** As in the catalogue. */
  readonly tool: string;
  readonly pinned: string;
  /** Undefined if the server has no such tool. */
  readonly now: string | undefined;
}

/** Returns the pinned tools of a server whose definitions have changed. */
export async function changedPins(
  catalogue: Catalogue,
  server: string,
  listing: ServerListing,
): Promise<readonly ChangedPin[]> {
  const prefix = `mcp/${server}/`;
  const changed: ChangedPin[] = [];
  for (const { name: tool, definition: pinned } of catalogue.values()) {
    if (pinned === undefined || !tool.startsWith(prefix)) continue;
    const listed = listing.tools.find(({ name }) => `${prefix}${name}` === tool);
    const now = listed && (await definitionDigest(listed.definition));
    if (now !== pinned) changed.push({ tool, pinned, now });
  }
  return changed;
}

/**
 * Returns the text of a catalogue that pins what the server says now. The digest of a definition
 * has the tool's name in it, so no two tools share one.
 */
export const repinned = (toml: string, changed: readonly ChangedPin[]): string =>
  changed.reduce(
    (text, { pinned, now }) => (now === undefined ? text : text.replaceAll(pinned, now)),
    toml,
  );

/** Returns the faults and warnings that follow from names and definitions. */
export async function findImpostors(
  catalogue: Catalogue,
  server: string,
  listing: ServerListing,
): Promise<readonly Finding[]> {
  const prefix = `mcp/${server}/`;
  const changed = await changedPins(catalogue, server, listing);
  const findings = changed.map(({ tool }): Finding => {
    const found = 'its definition is not the pinned one, so it is hidden: see hewn catalogue diff';
    return { severity: 'fault', tool, found };
  });
  const known = new Map<string, string>();
  const names = [...catalogue.keys()].filter((name) => name.startsWith(prefix));
  const served = listing.tools.map(({ name }) => `${prefix}${name}`);
  for (const tool of new Set([...names, ...served])) {
    const look = lookOf(tool.slice(prefix.length));
    const like = known.get(look);
    if (like !== undefined) {
      findings.push({ severity: 'warning', tool, found: `its name looks like that of ${like}` });
    } else known.set(look, tool);
  }
  return findings;
}
