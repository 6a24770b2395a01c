import { changeKeyFile } from '../../key-file/index.ts';
import { rotateKeys } from '../../keyring/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../limits.ts';
import { ok, refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { keyFacts } from './facts.ts';
import { readKeyId } from './id.ts';
import {
  deploySteps,
  describeKeyProblem,
  KEY_FILE_FLAG,
  keyFilePath,
  secondsNow,
  showPath,
} from './target.ts';

export const keysRotate = defineCommand({
  name: 'keys rotate',
  summary: 'make the next published key the active one',
  operands: '[ID]',
  description:
    'Makes another published key the active one: the newest that was never active, or the one with ID. The previous key stays published, so its tokens stay valid until they expire. A key that was published less than two minutes ago is refused, because some verifier may not know it yet.',
  flags: {
    ...KEY_FILE_FLAG,
    now: { kind: 'switch', description: 'rotate even though some verifier may not know the key' },
    ...JSON_FLAG,
  },
  examples: [
    'hewn keys new && sleep 120 && hewn keys rotate',
    'hewn keys rotate 3 --file ~/vault/hewn.json',
  ],
  run: async ({ flags, operands }, context) => {
    const id = readKeyId(operands);
    if (!id.ok) return id;
    const file = keyFilePath(context, flags.file);
    const step = { now: secondsNow(context), atOnce: flags.now };
    const changed = await changeKeyFile(file, (contents) => {
      const mint = rotateKeys(contents.mint, id.value, step);
      return mint.ok ? ok({ ...contents, mint: mint.value }) : mint;
    });
    if (!changed.ok) return refuse(describeKeyProblem(changed.error));
    const active = changed.value.mint.find(({ state }) => state === 'active');
    if (flags.json) {
      context.out(showJson({ file, key: active && keyFacts(active) }));
      return YES;
    }
    const shown = showPath(context, file);
    context.out(`Key ${active?.id} is active in ${shown}; the previous key stays published.`);
    context.out(deploySteps(shown));
    const lifeSeconds = CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
    context.out(`Then, after at least ${lifeSeconds} s: hewn keys retire ID`);
    return YES;
  },
});
