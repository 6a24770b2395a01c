import { resolve } from 'node:path';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { wouldBeTracked } from '../keys/git.ts';
import { showPath } from '../keys/target.ts';
import { makeKillKey } from './key-file.ts';

export const killNewKey = defineCommand({
  name: 'kill new-key',
  summary: 'create the offline key that stops tokens when the issuer cannot',
  description: `Creates the operator's offline key in its own file, readable only by its owner, and prints its public half, which verifiers pin. The key only signs kill statements: its holder can stop tokens, and cannot make a verifier accept one.

Keep it away from the issuer's keys, and where you can reach it when the issuer is down. Git must ignore the file. The private half is never printed.`,
  flags: {
    key: { kind: 'text', value: 'FILE', required: true, description: 'where to create the key' },
    ...JSON_FLAG,
  },
  examples: ['hewn kill new-key --key /media/usb/hewn-kill.json'],
  run: async ({ flags }, context) => {
    const file = resolve(context.cwd, flags.key);
    const shown = showPath(context, file);
    if (wouldBeTracked(file)) {
      return refuse(
        `git does not ignore ${shown}. Keys do not belong in a repository: choose another place`,
      );
    }
    const made = await makeKillKey(file);
    if (!made) return refuse(`${shown} exists, and was not changed`);
    if (flags.json) {
      context.out(showJson({ file, publicKey: made.publicKey }));
      return YES;
    }
    context.out(`Created ${shown}. Verifiers pin its public half:`);
    context.out(`  ${made.publicKey}`);
    return YES;
  },
});
