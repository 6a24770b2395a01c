import { readClock } from '../../clock.ts';
import { createVerifier } from '../verifier.ts';
import { createProtection } from './create-protection.ts';
import { type FollowedFeed, followFeed } from './follow-feed.ts';
import type { ProtectOptions } from './protect-options.ts';
import { readProtectOptions } from './protect-options.ts';
import type { Protection } from './protection.ts';

/**
 * Protects an API in a Worker, Deno, Bun or any other place that serves Fetch handlers: a verifier
 * whose feed is polled after responses, and asked whenever a decision needs it. Does no I/O before
 * the first request, so it may be called at the top of a module. Servers in Node use the `protect`
 * of `hewn/verifier/node`.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { protect } from 'hewn/verifier';
 *
 * const hewn = protect({ issuer, audience, feedKey });
 * const contacts = hewn.fetch(
 *   { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/contacts/eu' },
 *   ({ args }) => Response.json({ found: [], limit: args.limit ?? 10 }),
 * );
 * console.log((await contacts(new Request(`${audience}/contacts`))).status); // 401: no token
 * ```
 */
export function protect(options: ProtectOptions): Protection {
  const read = readProtectOptions(options);
  const followed = followFeed(read);
  return protectWith(read, followed, async () => {
    await Promise.all(followed.clients.map(async (client) => client.due && client.poll()));
  });
}

/** Puts a verifier and its records in front of a feed, which `advance` brings forward. */
export function protectWith(
  options: ProtectOptions,
  { feed, clients }: FollowedFeed,
  advance: () => Promise<void>,
): Protection {
  const { issuer, audience, keys = 'feed', tiers, nonces, now = readClock } = options;
  const verifier = createVerifier({
    issuer,
    audience,
    keys,
    feed,
    now,
    // The recorder charges each call before it is made.
    spendsApprovals: options.records !== undefined,
    ...(tiers && { tiers }),
    ...(nonces && { nonces }),
  });
  const confirm = async (): Promise<void> => {
    await Promise.all(clients.map(({ head }, shard) => options.records?.confirm?.(shard, head)));
  };
  const { records, catalogue, bodyBytesMax, resourceMetadata, report } = options;
  return createProtection({
    issuer,
    audience,
    verifier,
    feed,
    afterResponse: async () => {
      // Also before the feed moves, which may be slow: what waits could be lost with the isolate.
      await Promise.all([confirm(), advance()]);
      await confirm();
    },
    ...(records && { records }),
    ...(catalogue && { catalogue }),
    ...(bodyBytesMax !== undefined && { bodyBytesMax }),
    ...(resourceMetadata !== undefined && { resourceMetadata }),
    ...(report && { report }),
  });
}
