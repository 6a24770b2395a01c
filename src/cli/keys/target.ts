import { join, relative, resolve } from 'node:path';
import { toSeconds, type UnixSeconds } from '../../clock.ts';
import type { KeyFileError } from '../../key-file/index.ts';
import type { RingError } from '../../keyring/index.ts';
import type { CommandContext } from '../command.ts';

export const KEY_FILE_FLAG = {
  file: {
    kind: 'text',
    value: 'FILE',
    description: 'the key file; by default .hewn/dev/keys.json, the keys of hewn dev',
  },
} as const;

/** Returns the path of the key file of hewn dev, or of the one that `--file` names. */
export const keyFilePath = (context: CommandContext, path: string | undefined): string =>
  path === undefined ? join(context.home, '.hewn/dev/keys.json') : resolve(context.cwd, path);

/** Returns a path as a person would type it. */
export const showPath = (context: CommandContext, file: string): string => {
  const near = relative(context.cwd, file);
  return near.startsWith('..') ? file : near;
};

export const secondsNow = (context: CommandContext): UnixSeconds =>
  toSeconds(context.now().getTime());

/** Says what was wrong, where, and what to do. No message contains a byte of a key. */
export function describeKeyProblem(error: KeyFileError | RingError): string {
  switch (error.code) {
    case 'key_file_missing':
      return `there is no key file ${error.file}. Create one: hewn keys new --file ${error.file}`;
    case 'key_file_damaged':
      return `${error.file} is damaged: ${error.why}. It was not changed; restore it from a backup.`;
    case 'key_file_locked':
      return `${error.file} is locked. If no other process is changing it, delete ${error.lock} and try again.`;
    case 'keys_count':
      return `${error.count} keys are valid already. Retire one: hewn keys list, hewn keys retire ID`;
    case 'key_ids_used_up':
      return 'the largest key id is in use, and no id is used twice. Start a new key file.';
    case 'key_unknown':
      return `there is no key ${error.id}. hewn keys list shows the keys.`;
    case 'no_next_key':
      return 'no published key can become the next one. Create one: hewn keys new';
    case 'key_not_published':
      return `key ${error.id} is ${error.state}; only a published key can become active or retire`;
    case 'key_active':
      return `key ${error.id} is active. Rotate to another key first: hewn keys new, hewn keys rotate`;
    case 'too_early':
      return (
        `it is ${error.waitSeconds} s too early for key ${error.id}: a verifier may not know it ` +
        'yet, or one of its tokens may still be valid. --now does it anyway.'
      );
  }
}

/** How a change of the file reaches a running issuer. */
export const deploySteps = (file: string): string =>
  [
    'Local issuer: restart hewn dev.',
    'Deployed issuer:',
    `  npx hewn keys list --file ${file} --show-secret MINT_KEYS | npx wrangler secret put MINT_KEYS`,
  ].join('\n');
