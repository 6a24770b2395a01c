import { relative } from 'node:path';
import type { Environment } from '../../deployment/index.ts';
import { loadDeploymentKeys } from '../../key-file/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type BuiltServer, collectSecrets } from '../../serve/index.ts';
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
 */
export async function findSecrets(
  context: CommandContext,
  folder: string,
  environment: Environment,
  { workers }: BuiltServer,
): Promise<Result<FoundSecrets, string>> {
  let operator: string | undefined;
  let secrets = collectSecrets(workers, environment, undefined, context.variable);
  if (secrets.missing.length > 0) {
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
