import { toSeconds } from '../../clock.ts';
import { FeedClient } from '../../feed/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { describeFeedError } from './errors.ts';
import { headFacts, headLines } from './head-report.ts';
import { FEED_FLAGS, readFeedSource } from './source.ts';
import { readWitnesses, seenBy, WITNESSES_FLAG } from './witnesses.ts';

export const feedStatus = defineCommand({
  name: 'feed status',
  summary: 'read the trust feed once, and print its state',
  description: `Reads the trust feed as a newly started verifier would, and prints its position, its age, how much is revoked, its watermarks, its root keys and the witnesses that have seen it. A feed that is not signed or not complete is an error.

Without --witnesses, the witnesses are those that the head names, and their signatures are not verified.`,
  flags: { ...WITNESSES_FLAG, ...FEED_FLAGS },
  examples: [
    'hewn feed status',
    'hewn feed status --issuer https://issuer.example --feed-key 5f0c... --json | jq .ageSeconds',
  ],
  exitCodes: {
    0: 'the feed is signed and complete',
    2: 'the feed cannot be read or is not valid, or too few witnesses have seen it',
  },
  run: async ({ flags }, context) => {
    const source = await readFeedSource(context, flags);
    if (!source.ok) return source;
    const demanded = await readWitnesses(context, flags.witnesses);
    if (!demanded.ok) return demanded;
    const client = new FeedClient({
      ...source.value,
      ...(demanded.value && { witnesses: demanded.value.text }),
      now: () => context.now().getTime(),
      report: () => undefined, // The command prints its own answer.
      fetch: (path, init) =>
        context.fetch(`${source.value.issuer}${path}`, { ...init, redirect: 'error' }),
    });
    const head = await client.refresh();
    if (!head.ok) return refuse(describeFeedError(head.error));
    const seen = await seenBy(head.value, demanded.value?.policy);
    if (client.head?.seq !== head.value.seq) {
      const names = seen.map(({ witness }) => witness).join(', ') || 'none';
      return refuse(`too few witnesses of the policy have seen the head (${names})`);
    }
    const now = toSeconds(context.now().getTime());
    const lines = ['the feed is signed and complete', ...headLines(context, head.value, now, seen)];
    context.out(flags.json ? showJson(headFacts(head.value, now, seen)) : lines.join('\n'));
    return YES;
  },
});
