import type { KeepAlive } from '../../../src/audit/calls/index.ts';
import type { Credentials } from '../../../src/verifier/index.ts';
import type { Gateway } from '../gateway.ts';
import type { Hold } from './transport.ts';

/** The age of a head at which an open stream is ended: that of a tier 1 call. */
const HEAD_SECONDS_MAX = 60;

/** Returns what keeps the answer of an allowed request open, and what ends it. */
export const holdOf = (
  { verifier, feeds, catalogues }: Gateway,
  { token }: Credentials,
  keepAlive: KeepAlive,
  { tool, isObserved }: { readonly tool?: string | undefined; readonly isObserved: boolean },
): Hold => ({
  keepAlive,
  mayContinue: async () => {
    // Nothing else may bring the feed forward: the other isolates have the requests.
    await feeds.bringForward().then(() => catalogues.bringForward());
    if (!isObserved && !(await feeds.areWithin(HEAD_SECONDS_MAX))) return false;
    const opened = await verifier.open(token);
    // Of an observed call nothing counts but a stop.
    const isUsable = isObserved || opened.denial === undefined;
    return isUsable && opened.stopped(tool) === undefined;
  },
});
