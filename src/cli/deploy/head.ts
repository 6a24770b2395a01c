import { FeedClient } from '../../feed/index.ts';
import type { CommandContext } from '../command.ts';
import { describeFeedError } from '../feed/errors.ts';
import { readPublicKey } from '../feed/source.ts';

/** Says why the feed that an issuer serves is not signed by this key. Undefined if it is. */
export async function findHeadFault(
  { fetch: fetching, now }: Pick<CommandContext, 'fetch' | 'now'>,
  issuer: string,
  feedPublicKey: string,
): Promise<string | undefined> {
  const feedKey = await readPublicKey(feedPublicKey);
  if (!feedKey) return 'cannot be compared: the feed key of this folder is damaged';
  const client = new FeedClient({
    issuer,
    feedKey,
    now: () => now().getTime(),
    report: () => undefined, // The command prints its own answer.
    fetch: (path, init) => fetching(`${issuer}${path}`, { ...init, redirect: 'error' }),
  });
  const head = await client.refresh();
  return head.ok ? undefined : `serves a feed that is not valid: ${describeFeedError(head.error)}`;
}
