import { createHash } from 'node:crypto';
import { writeMintKeys } from '../../keyring/index.ts';
import { refuse } from '../../result.ts';
import { type Command, readFlags, showJson, YES } from '../command.ts';
import type { KeyFile } from './contents.ts';
import { readKeyFile } from './file.ts';
import { describeKeyProblem, keyFileAt, showPath } from './target.ts';

const HELP = `hewn keys list [--file FILE] [--json] [--show-secret NAME]

Lists the root keys with their ids, states and public halves, and the public half of the feed key.
A key is published (its tokens count), active (it mints as well) or retired (its tokens are dead).

  hewn keys list
  hewn keys list --json
  hewn keys list --show-secret MINT_KEYS | npx wrangler secret put MINT_KEYS

--show-secret writes one secret of the issuer to standard output and nothing else, for a pipe:
MINT_KEYS, FEED_KEY, OPERATOR_SHA256, or OPERATOR, the credential itself. It does not write to a
terminal. Exit code: 0, or 2 where it could not be done.`;

/** The issuer's secrets by the names of its configuration, and the operator's own. */
const SECRETS: ReadonlyMap<string, (keys: KeyFile) => string> = new Map([
  ['MINT_KEYS', ({ mint }) => writeMintKeys(mint)],
  ['FEED_KEY', ({ feed }) => feed.privateKey],
  ['OPERATOR_SHA256', ({ operator }) => createHash('sha256').update(operator).digest('hex')],
  ['OPERATOR', ({ operator }) => operator],
]);

export const keysList: Command = {
  name: 'keys list',
  summary: 'the root keys and their states; a secret for a pipe',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, {
      file: { type: 'string' },
      json: { type: 'boolean' },
      'show-secret': { type: 'string' },
    });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0) return refuse('it takes no words. See --help');
    const file = keyFileAt(at, values.file);
    const contents = await readKeyFile(file);
    if (!contents.ok) return refuse(describeKeyProblem(contents.error));
    const wanted = values['show-secret'];
    if (wanted !== undefined) {
      const secret = SECRETS.get(wanted);
      if (!secret) return refuse(`--show-secret takes one of ${[...SECRETS.keys()].join(', ')}`);
      if (at.outIsTerminal) return refuse('a terminal remembers what it shows: use a pipe');
      at.out(secret(contents.value));
      return YES;
    }
    const keys = contents.value.mint.map(({ id, state, since, publicKey }) => ({
      id,
      state,
      since: new Date(since * 1000).toISOString(),
      publicKey,
    }));
    const feed = contents.value.feed.publicKey;
    if (values.json === true) {
      at.out(showJson({ file, keys, feedPublicKey: feed }));
      return YES;
    }
    at.out(showPath(at, file));
    for (const { id, state, since, publicKey } of keys) {
      at.out(`  ${String(id).padStart(3)}  ${state.padEnd(9)}  since ${since}  ${publicKey}`);
    }
    at.out(`  FEED_PUBLIC_KEY  ${feed}`);
    return YES;
  },
};
