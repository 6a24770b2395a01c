import type { Catalogue } from '../../../src/catalogue/index.ts';
import type { Upstream } from '../upstream/index.ts';

/**
 * Returns the mode of a call or a message: that of its tool, else of its server, else `enforce`. A
 * tool that the catalogue lacks, and a message without a tool, have the mode of the server.
 */
export const modeOf = (
  upstream: Pick<Upstream, 'mode'> | undefined,
  catalogue: Catalogue | undefined,
  tool: string | undefined,
): Upstream['mode'] =>
  (tool === undefined ? undefined : catalogue?.get(tool)?.mode) ?? upstream?.mode ?? 'enforce';

/**
 * Returns the tool that a name stands for. A server may read a name that the catalogue lacks as one
 * that it has, in another case or with a space, so such a name is judged as that tool: its mode and
 * its stop must not be avoided by spelling.
 */
export function meantTool(
  catalogue: Catalogue | undefined,
  tool: string | undefined,
): string | undefined {
  if (tool === undefined || !catalogue || catalogue.has(tool)) return tool;
  const folded = fold(tool);
  for (const name of catalogue.keys()) if (fold(name) === folded) return name;
  return tool;
}

const fold = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}/]/gu, '');
