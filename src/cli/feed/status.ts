import { toSeconds } from '../../clock.ts';
import { FeedClient } from '../../feed/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { describeFeedError } from './errors.ts';
import { headFacts, headLines } from './head-report.ts';
import { FEED_FLAGS, readFeedSource } from './source.ts';

export const feedStatus = defineCommand({
  name: 'feed status',
  summary: 'read the trust feed once, and print its state',
  description:
    'Reads the trust feed as a newly started verifier would, and prints its position, its age, how much is revoked, its watermarks and its root keys. A feed that is not signed or not complete is an error.',
  flags: FEED_FLAGS,
  examples: [
    'hewn feed status',
    'hewn feed status --issuer https://issuer.example --feed-key 5f0c... --json | jq .ageSeconds',
  ],
  exitCodes: { 0: 'the feed is signed and complete', 2: 'the feed cannot be read or is not valid' },
  run: async ({ flags }, context) => {
    const source = await readFeedSource(context, flags);
    if (!source.ok) return source;
    const client = new FeedClient({
      ...source.value,
      now: () => context.now().getTime(),
      report: () => undefined, // The command prints its own answer.
      fetch: (path, init) =>
        context.fetch(`${source.value.issuer}${path}`, { ...init, redirect: 'error' }),
    });
    const head = await client.refresh();
    if (!head.ok) return refuse(describeFeedError(head.error));
    const now = toSeconds(context.now().getTime());
    const lines = ['the feed is signed and complete', ...headLines(head.value, now)];
    context.out(flags.json ? showJson(headFacts(head.value, now)) : lines.join('\n'));
    return YES;
  },
});
