import { resolve } from 'node:path';
import { refuse } from '../../result.ts';
import { type Command, readFlags, TEXT, YES } from '../command.ts';
import { wouldBeTracked } from '../keys/git.ts';
import { showPath } from '../keys/target.ts';
import { makeKillKey } from './key-file.ts';

const HELP = `hewn kill new-key --key FILE

Makes the operator's offline key in a file of its own, readable by its owner alone, and says its
public half, which verifiers pin. It signs kill statements and nothing else: whoever has it can stop
tokens and can let none through. Keep it where the issuer's keys are not, and where you get at it
when the issuer is down. The private half is never shown.

  hewn kill new-key --key /media/usb/hewn-kill.json

Git must not see the file: where it would, none is made.
Exit code: 0, or 2 where it could not be done.`;

export const killNewKey: Command = {
  name: 'kill new-key',
  summary: "make the offline key that stops whatever the issuer's state",
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { key: TEXT });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0) return refuse('it takes no words. See --help');
    if (values.key === undefined) return refuse('--key FILE says where to keep it');
    const file = resolve(at.cwd, values.key);
    const shown = showPath(at, file);
    if (wouldBeTracked(file)) {
      return refuse(`git does not ignore ${shown}, and keys are for no repository: elsewhere`);
    }
    const made = await makeKillKey(file);
    if (!made) return refuse(`${shown} is there already, and stays as it is`);
    at.out(`${shown} was made. Verifiers pin its public half:`);
    at.out(`  ${made.publicKey}`);
    return YES;
  },
};
