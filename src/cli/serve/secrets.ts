import { access } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Environment } from '../../deployment/index.ts';
import { deploymentKeyFile, loadDeploymentKeys } from '../../key-file/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type BuiltServer, collectSecrets, uniqueKeyOf } from '../../serve/index.ts';
import type { CommandContext } from '../command.ts';
import { secondsNow } from '../keys/target.ts';

interface FoundSecrets {
  readonly variables: Readonly<Record<string, string>>;
  /** The credential itself, if the key file was read. */
  readonly operator: string | undefined;
}

/**
 * Finds the secrets of a server: in the environment, then in the key file, which is generated if it
 * is missing. A missing secret would be a 500 at the first request. Here it stops the start.
 *
 * State that exists was signed with keys that exist somewhere: with new ones, every verifier would
 * refuse the feed, so none are generated for it.
 */
export async function findSecrets(
  context: CommandContext,
  folder: string,
  environment: Environment,
  { workers }: BuiltServer,
  stateFolder: string,
): Promise<Result<FoundSecrets, string>> {
  let operator: string | undefined;
  let secrets = collectSecrets(workers, environment, undefined, context.variable);
  if (secrets.missing.length > 0) {
    const keyFile = deploymentKeyFile(folder, environment.name);
    const log = join(stateFolder, uniqueKeyOf('RevocationLog'));
    if (!(await exists(keyFile)) && (await exists(log))) {
      const [keyPath, statePath] = [keyFile, stateFolder].map((path) =>
        relative(context.cwd, path),
      );
      return refuse(
        `there is no key file ${keyPath}, and the state in ${statePath} belongs to keys: put the file back from its backup, or set the environment variables ${secrets.missing.join(', ')}. With new keys, every verifier would refuse the feed.`,
      );
    }
    const keys = await loadDeploymentKeys(folder, environment.name, secondsNow(context));
    if (!keys.ok) return keys;
    const { file, generated } = keys.value;
    if (generated) {
      context.err(`Generated the keys in ${relative(context.cwd, file)}: back them up.`);
    }
    operator = keys.value.keys.operator;
    secrets = collectSecrets(workers, environment, keys.value.keys, context.variable);
  }
  return secrets.missing.length === 0
    ? ok({ variables: secrets.variables, operator })
    : refuse(`set the environment variables ${secrets.missing.join(', ')}`);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
