import { type StatedLimits, toolLimits } from '../../../src/upstream/index.ts';
import type { Upstream } from './upstream.ts';

/** A tool of a server, as far as its calls have limits of their own. */
interface LimitedTool {
  readonly name: string;
  readonly limits?: StatedLimits;
}

/** Returns the server as it may be used for calls of one tool: with the limits of both. */
export function ofTool(upstream: Upstream, tool: LimitedTool | undefined): Upstream {
  if (!tool?.limits) return upstream;
  const { name, limits: stated } = tool;
  const { kind, url, mode, serverRequests, observedCredential, isBound } = upstream;
  const known = { kind, url, mode, serverRequests, observedCredential, isBound };
  return {
    ...known,
    name: upstream.name,
    limits: toolLimits(upstream.limits, stated),
    send: (request) => upstream.send({ ...request, tool: { name, limits: stated } }),
  };
}
