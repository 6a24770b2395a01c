import { type Clock, readSeconds, type UnixSeconds } from '../clock.ts';
import {
  type FeedHit,
  type FeedQuery,
  type HeadKey,
  NEVER_EXPIRES,
  WATERMARK_SCOPES,
  type WatermarkScope,
  WatermarkSet,
  WorkflowStops,
} from '../feed/index.ts';
import { integerFrom, type Members, oneOf, optional, readOptions, text } from '../options.ts';
import type { Feed } from '../verifier/index.ts';
import { TestWorkflows } from './workflows.ts';

/** What a watermark of a test stops: all that match and were issued before a time. */
export interface TestWatermark {
  readonly scope: WatermarkScope;
  /** The agent, subject, owner, audience, tool or root key. Left out for the scope `all`. */
  readonly value?: string;
  /** Unix seconds. By default, everything that was issued until now is stopped. */
  readonly before?: UnixSeconds;
}

const WATERMARK: Members<TestWatermark> = {
  scope: oneOf(WATERMARK_SCOPES),
  value: optional(text),
  before: optional(integerFrom(1)),
};

/** A feed in memory: what a test does to it is in force at the next decision. */
export interface TestFeed extends Feed {
  /** Revokes the workflow with this id, and its children. It cannot be resumed. */
  revoke(workflow: string): void;
  /** Suspends the workflow with this id, and its children, until it is resumed. */
  suspend(workflow: string): void;
  /**
   * Ends a suspension, as in production: tokens that were minted before it stay invalid, and the
   * next ones of the workflow have a higher generation. Children that were suspended with the
   * workflow resume with it. Throws a TypeError if the workflow is not suspended, or if its parent
   * is stopped.
   */
  resume(workflow: string): void;
  /** Revokes one block by its revocation id in hex: the token that ends with it, and all below. */
  revokeBlock(id: string): void;
  /** Stops all tokens of a scope that were issued before a time. Later ones are valid. */
  watermark(watermark: TestWatermark): void;
  /** Denies every call of a tool, in every workflow. */
  denyTool(tool: string): void;
  /** Makes the feed unreachable, as in an outage: its head ages, and `refresh` fails. */
  disconnect(): void;
  /** Makes the feed reachable again: its head is fresh. */
  reconnect(): void;
}

/** A feed, and the workflows that its issuer and its tests have named. */
export interface FeedOfWorkflows {
  readonly feed: TestFeed;
  readonly workflows: TestWorkflows;
}

/** Returns a feed that stops nothing and whose head is fresh by `now`. */
export function testFeed(keys: readonly HeadKey[], now: Clock): FeedOfWorkflows {
  const stops = new WorkflowStops();
  const workflows = new TestWorkflows(stops, now);
  const watermarks = new WatermarkSet();
  const blocks = new Set<string>();
  const denied = new Set<string>();
  let disconnectedAt: UnixSeconds | undefined;
  /** In the order of a verifier's copy of the feed. */
  const find = (query: FeedQuery): FeedHit | undefined => {
    const { workflow, ancestors, gen, tool } = query;
    const watermark = watermarks.find(query);
    if (watermark) return { by: 'watermark', ...watermark };
    const ended = [workflow, ...ancestors].find((id) => workflows.isRevoked(id));
    if (ended !== undefined) return { by: 'workflow', id: ended };
    const block = query.blocks.find((id) => blocks.has(id));
    if (block !== undefined) return { by: 'block', id: block };
    const stop = stops.find(workflow, ancestors, gen);
    if (stop) return stop;
    return tool !== undefined && denied.has(tool) ? { by: 'denial', tool } : undefined;
  };
  const feed: TestFeed = {
    get head() {
      const issued_at = disconnectedAt ?? readSeconds(now);
      return { epoch: 1, seq: workflows.seq, issued_at, keys };
    },
    find,
    refresh: async () => ({ ok: disconnectedAt === undefined }),
    revoke: (workflow) => workflows.move(workflow, 'revoke'),
    suspend: (workflow) => workflows.move(workflow, 'suspend'),
    resume: (workflow) => workflows.move(workflow, 'resume'),
    revokeBlock: (id) => {
      if (!/^[0-9a-f]{128}$/.test(id)) {
        throw new TypeError('revokeBlock: `id` must be a revocation id in lower-case hex');
      }
      blocks.add(id);
      workflows.advance();
    },
    watermark: (watermark) => {
      const given = readOptions(watermark, 'watermark', WATERMARK);
      const { scope, value = '', before = readSeconds(now) + 1 } = given;
      if ((value === '') !== (scope === 'all')) {
        throw new TypeError('watermark: `value` belongs to every scope except `all`');
      }
      watermarks.add({ scope, value, before }, NEVER_EXPIRES);
      workflows.advance();
    },
    denyTool: (tool) => {
      denied.add(tool);
      workflows.advance();
    },
    disconnect: () => {
      disconnectedAt ??= readSeconds(now);
    },
    reconnect: () => {
      disconnectedAt = undefined;
    },
  };
  return { feed, workflows };
}
