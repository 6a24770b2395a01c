import { access } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Environment, secretNames } from '../../deployment/index.ts';
import { type KeyToPublish, keysToPublish } from '../../issuer-api/index.ts';
import {
  deploymentKeyFile,
  loadDeploymentKeys,
  loadWorkerSecrets,
  prepareStateFolder,
  secretVariable,
  workerSecretsFile,
} from '../../key-file/index.ts';
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
  if (secrets.missing.length > 0) {
    return refuse(`set the environment variables ${secrets.missing.join(', ')}`);
  }
  const ofGateways = await gatewayVariables(context, folder, environment, workers, secrets);
  if (!ofGateways.ok) return ofGateways;
  return ok({ variables: { ...secrets.variables, ...ofGateways.value }, operator });
}

/**
 * Returns the secrets of gateways that the environment does not have: generated ones, from the file
 * beside the keys, and an empty text for the credential of an upstream. The server starts without
 * one, and `/readyz` names it.
 */
async function gatewayVariables(
  context: CommandContext,
  folder: string,
  environment: Environment,
  { gateways }: BuiltServer['workers'],
  { missingOfGateways }: ReturnType<typeof collectSecrets>,
): Promise<Result<Readonly<Record<string, string>>, string>> {
  if (missingOfGateways.length === 0) return ok({});
  const wanted = new Set(missingOfGateways);
  const needs = gateways.map(({ role, config }) => {
    const names = secretNames(config).filter((name) => wanted.has(secretVariable(role, name)));
    return { role, names, known: {} };
  });
  const isReadOnly = await prepareStateFolder(folder, environment.name).then(
    () => false,
    () => true,
  );
  const file = workerSecretsFile(folder, environment.name);
  // A gateway in a read-only folder that has its other secrets runs, and signs no receipts.
  const loaded = await loadWorkerSecrets(file, needs, isReadOnly);
  if (!loaded.ok) return loaded;
  const { secrets, missing } = loaded.value;
  const variables = [...secrets].flatMap(([role, own]) =>
    Object.entries(own).map(([name, value]) => [secretVariable(role, name), value] as const),
  );
  const absent = missing.map(({ role, name }) => secretVariable(role, name));
  if (absent.length > 0) {
    context.err(
      `Some upstreams cannot be called: set the environment variables ${absent.join(', ')}.`,
    );
  }
  return ok(Object.fromEntries([...variables, ...absent.map((name) => [name, ''] as const)]));
}

/** Returns the keys of a server that the feed has to name, from the variables that it gets. */
export const signingKeysOf = (
  { issuer, gateways }: Environment,
  variables: Readonly<Record<string, string>>,
): readonly KeyToPublish[] =>
  keysToPublish({
    issuer: { url: issuer.url, approverKey: variables[secretVariable('issuer', 'APPROVER_KEY')] },
    gateways: gateways.map(({ name, url }) => ({
      url,
      receiptKey: variables[secretVariable(name, 'RECEIPT_KEY')],
    })),
  });

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
