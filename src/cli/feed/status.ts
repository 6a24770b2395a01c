import { FeedClient } from '../../feed/index.ts';
import { refuse } from '../../result.ts';
import { type Command, readFlags, showJson, YES } from '../command.ts';
import { describeFeedError } from './errors.ts';
import { FEED_FLAGS, FEED_HELP, readSource } from './source.ts';
import { headFacts, headLines } from './telling.ts';

const HELP = `hewn feed status [--shard N] [--issuer URL] [--feed-key HEX] [--json]

Follows the trust feed as a verifier that starts now would, and says where it stands: position, age,
how much is revoked, watermarks, root keys. What is not signed, or does not hang together, is told.

  hewn feed status
  hewn feed status --issuer https://issuer.example --feed-key 5f0c... --json | jq .ageSeconds

${FEED_HELP}
Exit code: 0, or 2 where it could not be followed.`;

export const feedStatus: Command = {
  name: 'feed status',
  summary: 'follow the trust feed once, and say where it stands',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FEED_FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0) return refuse('it takes no words. See --help');
    const source = await readSource(at, values);
    if (!source.ok) return source;
    const client = new FeedClient({
      ...source.value,
      now: () => at.now().getTime(),
      report: () => undefined, // It is this command's answer.
      fetch: (path, init) =>
        at.fetch(`${source.value.issuer}${path}`, { ...init, redirect: 'error' }),
    });
    const head = await client.refresh();
    if (!head.ok) return refuse(describeFeedError(head.error));
    const now = Math.floor(at.now().getTime() / 1000);
    const { json } = values;
    if (json === true) at.out(showJson(headFacts(head.value, now)));
    else at.out(['the feed is signed and whole', ...headLines(head.value, now)].join('\n'));
    return YES;
  },
};
