import { existsSync } from 'node:fs';
import { addKey } from '../../keyring/index.ts';
import { KEY_PUBLISHED_SECONDS_MIN } from '../../limits.ts';
import { ok, refuse } from '../../result.ts';
import { type Command, readFlags, YES } from '../command.ts';
import { changeKeyFile, makeKeyFile } from './file.ts';
import { wouldBeTracked } from './git.ts';
import { generatePair } from './pair.ts';
import { deploySteps, describeKeyProblem, keyFileAt, secondsNow, showPath } from './target.ts';

const HELP = `hewn keys new [--file FILE]

Adds a root key to the key file and publishes it: verifiers come to know it with the feed, and nothing
is minted under it before hewn keys rotate. Where there is no file, makes one with everything that an
issuer keeps secret: a root key that mints, the feed key, the operator credential.

  hewn keys new                        .hewn/local.json, the keys of npm start
  hewn keys new --file ~/vault/hewn.json

Git must not see the file: where it would, none is made. No private key is shown.
Exit code: 0, or 2 where it could not be done.`;

export const keysNew: Command = {
  name: 'keys new',
  summary: 'publish another root key, or begin a key file',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { file: { type: 'string' } });
    if (!flags.ok) return flags;
    if (flags.value.positionals.length > 0) return refuse('it takes no words. See --help');
    const file = keyFileAt(at, flags.value.values.file);
    const shown = showPath(at, file);
    const now = secondsNow(at);
    if (!existsSync(file) && wouldBeTracked(file)) {
      return refuse(
        `git does not ignore ${shown}, and keys are for no repository: put it elsewhere`,
      );
    }
    if (await makeKeyFile(file, now)) {
      at.out(`${shown} was made: root key 1, which mints, the feed key, the operator credential.`);
      at.out('Keep it as you keep a password, and out of git. For a deployment:');
      for (const name of ['MINT_KEYS', 'FEED_KEY', 'OPERATOR_SHA256']) {
        at.out(`  npx hewn keys list --file ${shown} --show-secret ${name} |`);
        at.out(`    npx wrangler secret put ${name}`);
      }
      return YES;
    }
    const changed = await changeKeyFile(file, (contents) => {
      const mint = addKey(contents.mint, generatePair(), now);
      return mint.ok ? ok({ ...contents, mint: mint.value }) : mint;
    });
    if (!changed.ok) return refuse(describeKeyProblem(changed.error));
    const id = changed.value.mint.at(-1)?.id;
    at.out(`key ${id} is published in ${shown}; nothing is minted under it yet.`);
    at.out(deploySteps(shown));
    at.out(`Then, ${KEY_PUBLISHED_SECONDS_MIN} s later at the soonest: hewn keys rotate`);
    return YES;
  },
};
