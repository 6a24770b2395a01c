import { type Clock, readSeconds } from '../clock.ts';
import type { FeedHit, FeedQuery, HeadKey } from '../feed/index.ts';
import type { Feed } from '../verifier/index.ts';

/** A feed in memory: what a test does to it is in force at the next decision. */
export interface TestFeed extends Feed {
  /** Revokes the workflow with this id, and its children. */
  revoke(workflow: string): void;
  /** Suspends the workflow with this id, and its children. */
  suspend(workflow: string): void;
  /** Ends a suspension. Tokens that were minted before it are valid again, unlike in production. */
  resume(workflow: string): void;
  /** Denies every call of a tool, in every workflow. */
  denyTool(tool: string): void;
  /** Makes the feed unreachable, as in an outage: its head ages, and `refresh` fails. */
  disconnect(): void;
  /** Makes the feed reachable again: its head is fresh. */
  reconnect(): void;
}

/** Returns a feed that stops nothing and whose head is fresh by `now`. */
export function testFeed(keys: readonly HeadKey[], now: Clock): TestFeed {
  const revoked = new Set<string>();
  const suspended = new Set<string>();
  const denied = new Set<string>();
  let seq = 1;
  let disconnectedAt: number | undefined;
  const change = (apply: () => unknown): void => {
    apply();
    seq += 1;
  };
  return {
    get head() {
      return { epoch: 1, seq, issued_at: disconnectedAt ?? readSeconds(now), keys };
    },
    find: ({ workflow, ancestors, tool }: FeedQuery): FeedHit | undefined => {
      const line = [workflow, ...ancestors];
      const ended = line.find((id) => revoked.has(id));
      if (ended !== undefined) return { by: 'workflow', id: ended };
      const paused = line.find((id) => suspended.has(id));
      if (paused !== undefined) return { by: 'suspension', id: paused };
      return tool !== undefined && denied.has(tool) ? { by: 'denial', tool } : undefined;
    },
    refresh: async () => ({ ok: disconnectedAt === undefined }),
    revoke: (workflow) => change(() => revoked.add(workflow)),
    suspend: (workflow) => change(() => suspended.add(workflow)),
    resume: (workflow) => change(() => suspended.delete(workflow)),
    denyTool: (tool) => change(() => denied.add(tool)),
    disconnect: () => {
      disconnectedAt ??= readSeconds(now);
    },
    reconnect: () => {
      disconnectedAt = undefined;
    },
  };
}
