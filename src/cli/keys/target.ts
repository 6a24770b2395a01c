import { join, relative, resolve } from 'node:path';
import type { RingError } from '../../keyring/index.ts';
import type { Surroundings } from '../command.ts';
import type { KeyFileError } from './file.ts';

/** The file that the local scene uses, unless `--file` names another. */
export const keyFileAt = (at: Surroundings, path: string | undefined): string =>
  path === undefined ? join(at.home, '.hewn/local.json') : resolve(at.cwd, path);

/** As a person would type it. */
export const showPath = (at: Surroundings, file: string): string => {
  const near = relative(at.cwd, file);
  return near.startsWith('..') ? file : near;
};

export const secondsNow = (at: Surroundings): number => Math.floor(at.now().getTime() / 1000);

/** What was wrong, where, and what to do. No error has a byte of a key. */
export function describeKeyProblem(error: KeyFileError | RingError): string {
  switch (error.code) {
    case 'key_file_missing':
      return `there is no key file ${error.file}. Make one: hewn keys new --file ${error.file}`;
    case 'key_file_damaged':
      return `${error.file}: ${error.why}. It is left as it is; put a copy of it back.`;
    case 'key_file_locked':
      return `${error.file} is being changed. If nobody is, delete ${error.lock} and try again.`;
    case 'keys_count':
      return `${error.count} keys count already. Retire one: hewn keys list, hewn keys retire ID`;
    case 'key_ids_used_up':
      return 'the largest id is taken, and no id is used twice. Begin a new key file.';
    case 'key_unknown':
      return `there is no key ${error.id}: see hewn keys list`;
    case 'no_next_key':
      return 'no key is published to come next. Make one: hewn keys new';
    case 'key_not_published':
      return `key ${error.id} is ${error.state}, and only a published one can follow or go`;
    case 'key_active':
      return `key ${error.id} mints. Rotate to another first: hewn keys new, hewn keys rotate`;
    case 'too_early':
      return (
        `it is too early for key ${error.id}, by ${error.waitSeconds} s: a verifier may not know it ` +
        'yet, or a token of it may be alive. --now does it all the same.'
      );
  }
}

/** How what the file says comes to be what a deployment does. */
export const deploySteps = (file: string): string =>
  [
    'npm start: end it and start it again.',
    'A deployment:',
    `  npx hewn keys list --file ${file} --show-secret MINT_KEYS | npx wrangler secret put MINT_KEYS`,
  ].join('\n');
