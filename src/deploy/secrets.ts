import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { secretNames, type WranglerConfig } from '../deployment/index.ts';
import { isCode, replaceFile } from '../durable-file.ts';
import { generatePair, issuerSecrets, type KeyFile } from '../key-file/index.ts';
import { ok, type Result, refuse } from '../result.ts';

export type Secrets = Readonly<Record<string, string>>;

/** The secrets that are no keys of the key file. Each is generated once for each Worker. */
const GENERATED: Readonly<Record<string, () => string>> = {
  DPOP_NONCE_SECRET: () => randomBytes(32).toString('hex'),
  SIGNAL_KEY: () => generatePair().privateKey,
};

const fileSchema = v.record(v.string(), v.record(v.string(), v.string()));

/**
 * Returns the secrets of each Worker, by role. Optional ones are generated once into `file`, whose
 * folder exists; a dry run keeps the generated ones to itself. No error contains a secret.
 */
export async function loadSecrets(
  file: string,
  keys: KeyFile,
  workers: readonly { readonly role: string; readonly config: WranglerConfig }[],
  dryRun: boolean,
): Promise<Result<ReadonlyMap<string, Secrets>, string>> {
  const present = await readSecrets(file);
  if (!present.ok) return present;
  const stored: Record<string, Record<string, string>> = structuredClone(present.value);
  const secrets = new Map<string, Secrets>();
  let isNew = false;
  for (const { role, config } of workers) {
    const known: Secrets = role === 'issuer' ? issuerSecrets(keys) : {};
    const own: Record<string, string> = {};
    for (const name of secretNames(config)) {
      const value = known[name] ?? stored[role]?.[name] ?? GENERATED[name]?.();
      if (value === undefined) return refuse(`no value for the secret ${name} of ${role}`);
      own[name] = value;
      if (known[name] !== undefined || stored[role]?.[name] !== undefined) continue;
      stored[role] = { ...stored[role], [name]: value };
      isNew = true;
    }
    secrets.set(role, own);
  }
  if (isNew && !dryRun) await replaceFile(file, `${JSON.stringify(stored, null, 2)}\n`, 0o600);
  return ok(secrets);
}

async function readSecrets(
  file: string,
): Promise<Result<v.InferOutput<typeof fileSchema>, string>> {
  try {
    const read = v.safeParse(fileSchema, JSON.parse(await readFile(file, 'utf8')));
    return read.success ? ok(read.output) : refuse(damaged(file));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return ok({});
    if (error instanceof SyntaxError) return refuse(damaged(file));
    throw error;
  }
}

const damaged = (file: string): string =>
  `${file} is damaged. Put a copy of it back, or delete it: its secrets are then generated again.`;

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
    .replaceAll(/ed25519-private\/[0-9a-f]+/g, '(hidden)');
