import { retireKey } from '../../keyring/index.ts';
import { ok, refuse } from '../../result.ts';
import { type Command, readFlags, YES } from '../command.ts';
import { changeKeyFile } from './file.ts';
import { readId } from './id.ts';
import { deploySteps, describeKeyProblem, keyFileAt, secondsNow, showPath } from './target.ts';

const HELP = `hewn keys retire ID [--file FILE] [--now]

Takes a root key back: it leaves the head of the feed, verifiers refuse its tokens, and its private
half is erased from the file. Its id is not used again. A key that minted less than an hour ago is
refused, because its tokens may be alive; --now kills them, which is what a stolen key wants.

  hewn keys retire 1
  hewn keys new && hewn keys rotate --now && hewn keys retire 1 --now     key 1 was stolen

A verifier that pins its keys (ISSUER_KEYS) goes on with them: change it there.
Exit code: 0, or 2 where it could not be done.`;

export const keysRetire: Command = {
  name: 'keys retire',
  summary: 'take a key back, and its tokens with it',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { file: { type: 'string' }, now: { type: 'boolean' } });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const read = readId(positionals);
    if (!read.ok) return read;
    const { value: id } = read;
    if (id === undefined) return refuse('name the key by its ID: see hewn keys list');
    const file = keyFileAt(at, values.file);
    const step = { now: secondsNow(at), atOnce: values.now === true };
    const changed = await changeKeyFile(file, (contents) => {
      const mint = retireKey(contents.mint, id, step);
      return mint.ok ? ok({ ...contents, mint: mint.value }) : mint;
    });
    if (!changed.ok) return refuse(describeKeyProblem(changed.error));
    at.out(`key ${id} is retired in ${showPath(at, file)}, and its private half is erased.`);
    at.out(deploySteps(showPath(at, file)));
    at.out('Its tokens are dead at each verifier with the next head.');
    return YES;
  },
};
