import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secretNames, type WranglerConfig } from '../deployment/index.ts';
import {
  issuerSecrets,
  type KeyFile,
  loadWorkerSecrets,
  type Secrets,
  secretVariable,
  statedSecrets,
} from '../key-file/index.ts';
import { ok, type Result, refuse } from '../result.ts';

/**
 * Returns the secrets of each Worker, by role: those of the key file, those that `variable` knows
 * from the environment of the process, and generated ones, which are stored in `file`. A dry run
 * stores nothing, and continues without the credentials that no one stated.
 */
export async function loadSecrets(
  file: string,
  keys: KeyFile,
  workers: readonly { readonly role: string; readonly config: WranglerConfig }[],
  {
    dryRun = false,
    variable = () => undefined,
  }: {
    readonly dryRun?: boolean;
    readonly variable?: (name: string) => string | undefined;
  } = {},
): Promise<Result<ReadonlyMap<string, Secrets>, string>> {
  const needs = workers.map(({ role, config }) => {
    const names = secretNames(config);
    const ofKeys = role === 'issuer' ? issuerSecrets(keys) : {};
    return { role, names, known: { ...statedSecrets(role, names, variable), ...ofKeys } };
  });
  const loaded = await loadWorkerSecrets(file, needs, dryRun);
  if (!loaded.ok) return loaded;
  const { secrets, missing } = loaded.value;
  if (missing.length === 0 || dryRun) return ok(secrets);
  const variables = missing.map(({ role, name }) => secretVariable(role, name)).join(', ');
  return refuse(
    `secrets are missing: set the environment variables ${variables}. They are uploaded and not stored.`,
  );
}

const UPLOAD_PREFIX = 'upload-';
/** How a person, an init system and a closed terminal end a process. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `use` with a file of secrets that only its owner can read, in a new folder below `folder`.
 * The folder is removed in every case, also when the process is interrupted.
 */
export async function withSecretsFile<T>(
  folder: string,
  secrets: Secrets,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const own = await mkdtemp(join(folder, UPLOAD_PREFIX));
  const remove = (): void => rmSync(own, { recursive: true, force: true });
  const interrupted = (): void => process.exit(130);
  process.once('exit', remove);
  for (const signal of ENDING) process.once(signal, interrupted);
  try {
    const file = join(own, 'secrets.json');
    await writeFile(file, JSON.stringify(secrets), { mode: 0o600, flag: 'wx' });
    return await use(file);
  } finally {
    for (const signal of ENDING) process.off(signal, interrupted);
    process.off('exit', remove);
    await rm(own, { recursive: true, force: true });
  }
}

/** Removes what a process left that was killed during an upload. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UPLOAD_PREFIX)) await rm(join(folder, name), { recursive: true });
  }
}

/**
 * Returns a text of another program without the secrets that it was given: as they are, as JSON
 * writes them, and any private key inside them.
 */
export const withoutSecrets = (text: string, secrets: Secrets): string =>
  Object.values(secrets)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text)
    .replaceAll(/(?:ed25519|x25519)-private\/[0-9a-f]+/g, '(hidden)');
