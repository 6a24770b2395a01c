import type { Catalogue } from '../../../src/catalogue/index.ts';
import type { Upstream } from '../upstream/index.ts';

/** Whether a route does what it decides, or only records it. */
export type CallMode = Upstream['mode'];

/**
 * Returns the mode of a call or a message: that of its tool, else of its server, else `enforce`. A
 * tool that the catalogue lacks, and a message without a tool, have the mode of the server.
 */
export const modeOf = (
  upstream: Pick<Upstream, 'mode'> | undefined,
  catalogue: Catalogue | undefined,
  tool: string | undefined,
): CallMode =>
  (tool === undefined ? undefined : catalogue?.get(tool)?.mode) ?? upstream?.mode ?? 'enforce';
