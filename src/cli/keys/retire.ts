import { changeKeyFile } from '../../key-file/index.ts';
import { retireKey } from '../../keyring/index.ts';
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

export const keysRetire = defineCommand({
  name: 'keys retire',
  summary: 'withdraw a key and invalidate its tokens',
  operands: 'ID',
  description: `Retires a root key: it leaves the head of the feed, verifiers deny its tokens, and its private half is erased from the file. Its id is not used again. A key that was active within the last hour is refused, because its tokens may still be valid.

A verifier that pins its keys (ISSUER_KEYS) keeps accepting them: change the variable there.`,
  flags: {
    ...KEY_FILE_FLAG,
    now: {
      kind: 'switch',
      description: 'retire it even though its tokens may still be valid, as for a stolen key',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn keys retire 1',
    '# key 1 was stolen\nhewn keys new && hewn keys rotate --now && hewn keys retire 1 --now',
  ],
  run: async ({ flags, operands }, context) => {
    const read = readKeyId(operands);
    if (!read.ok) return read;
    const { value: id } = read;
    if (id === undefined) return refuse('name the key by its ID: hewn keys list shows it');
    const file = keyFilePath(context, flags.file);
    const step = { now: secondsNow(context), atOnce: flags.now };
    const changed = await changeKeyFile(file, (contents) => {
      const mint = retireKey(contents.mint, id, step);
      return mint.ok ? ok({ ...contents, mint: mint.value }) : mint;
    });
    if (!changed.ok) return refuse(describeKeyProblem(changed.error));
    if (flags.json) {
      const key = changed.value.mint.find((one) => one.id === id);
      context.out(showJson({ file, key: key && keyFacts(key) }));
      return YES;
    }
    const shown = showPath(context, file);
    context.out(`Key ${id} is retired in ${shown}, and its private half is erased.`);
    context.out(deploySteps(shown));
    context.out('Each verifier denies its tokens from the next head on.');
    return YES;
  },
});
