import { rotateKeys } from '../../keyring/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../limits.ts';
import { ok, refuse } from '../../result.ts';
import { type Command, readFlags, YES } from '../command.ts';
import { changeKeyFile } from './file.ts';
import { readId } from './id.ts';
import { deploySteps, describeKeyProblem, keyFileAt, secondsNow, showPath } from './target.ts';

const HELP = `hewn keys rotate [ID] [--file FILE] [--now]

Mints under another published key from now on: the newest that was never active, or the one with ID.
The key until now stays published, so its tokens live out their time and none is refused. A key that
was published less than two minutes ago is refused, because some verifier may not know it yet; --now
takes it all the same.

  hewn keys new && sleep 120 && hewn keys rotate
  hewn keys rotate 3 --file ~/vault/hewn.json

Exit code: 0, or 2 where it could not be done.`;

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'mint under the next key',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { file: { type: 'string' }, now: { type: 'boolean' } });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const id = readId(positionals);
    if (!id.ok) return id;
    const file = keyFileAt(at, values.file);
    const step = { now: secondsNow(at), atOnce: values.now === true };
    const changed = await changeKeyFile(file, (contents) => {
      const mint = rotateKeys(contents.mint, id.value, step);
      return mint.ok ? ok({ ...contents, mint: mint.value }) : mint;
    });
    if (!changed.ok) return refuse(describeKeyProblem(changed.error));
    const active = changed.value.mint.find(({ state }) => state === 'active');
    at.out(`key ${active?.id} mints in ${showPath(at, file)}; the one before stays published.`);
    at.out(deploySteps(showPath(at, file)));
    const lifeSeconds = CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
    at.out(`Then, ${lifeSeconds} s later at the soonest: hewn keys retire ID`);
    return YES;
  },
};
