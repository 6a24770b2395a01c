import { existsSync } from 'node:fs';
import { changeKeyFile, generatePair, makeKeyFile, withAllPairs } from '../../key-file/index.ts';
import { addKey } from '../../keyring/index.ts';
import { KEY_PUBLISHED_SECONDS_MIN } from '../../limits.ts';
import { ok, refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { keyFacts } from './facts.ts';
import { wouldBeTracked } from './git.ts';
import {
  deploySteps,
  describeKeyProblem,
  KEY_FILE_FLAG,
  keyFilePath,
  secondsNow,
  showPath,
} from './target.ts';

export const keysNew = defineCommand({
  name: 'keys new',
  summary: 'publish another root key, or create a key file',
  description: `Adds a root key to the key file and publishes it. Verifiers learn it from the feed, and nothing is minted under it before hewn keys rotate. If the file does not exist, creates it with everything that an issuer keeps secret: an active root key, the feed key, the key of the logs, the key for approvals and the operator credential. A file of a release before 0.4.0 gets the key of the logs and the key for approvals of single calls.

The file must be ignored by git. No private key is printed.`,
  flags: { ...KEY_FILE_FLAG, ...JSON_FLAG },
  examples: ['hewn keys new', 'hewn keys new --file ~/vault/hewn.json'],
  run: async ({ flags }, context) => {
    const file = keyFilePath(context, flags.file);
    const shown = showPath(context, file);
    const now = secondsNow(context);
    if (!existsSync(file) && wouldBeTracked(file)) {
      return refuse(
        `git does not ignore ${shown}. Keys do not belong in a repository: choose another place`,
      );
    }
    if (await makeKeyFile(file, now)) {
      if (flags.json) {
        context.out(showJson({ file, created: true }));
        return YES;
      }
      context.out(
        `Created ${shown}: root key 1 (active), the feed key, the key of the logs, the key for approvals and the operator credential.`,
      );
      context.out('Keep it like a password. For a deployment:');
      for (const name of ['MINT_KEYS', 'FEED_KEY', 'LOG_KEY', 'APPROVER_KEY', 'OPERATOR_SHA256']) {
        context.out(`  npx hewn keys list --file ${shown} --show-secret ${name} |`);
        context.out(`    npx wrangler secret put ${name}`);
      }
      return YES;
    }
    const changed = await changeKeyFile(file, (contents) => {
      const mint = addKey(contents.mint, generatePair(), now);
      if (!mint.ok) return mint;
      return ok({ ...withAllPairs(contents), mint: mint.value });
    });
    if (!changed.ok) return refuse(describeKeyProblem(changed.error));
    const key = changed.value.mint.at(-1);
    if (flags.json) {
      context.out(showJson({ file, created: false, key: key && keyFacts(key) }));
      return YES;
    }
    const id = key?.id;
    context.out(`Key ${id} is published in ${shown}; nothing is minted under it yet.`);
    context.out(deploySteps(shown));
    context.out(`Then, after at least ${KEY_PUBLISHED_SECONDS_MIN} s: hewn keys rotate`);
    return YES;
  },
});
