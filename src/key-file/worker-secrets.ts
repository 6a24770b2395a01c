import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { isCode, replaceFile } from '../durable-file.ts';
import { toHex } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { deploymentKeyFile } from './deployment-keys.ts';
import { generatePair } from './pair.ts';

export type Secrets = Readonly<Record<string, string>>;

/** A Worker, and the names of the secrets that it needs. */
export interface SecretNeeds {
  readonly role: string;
  readonly names: readonly string[];
  /** Those that are known from elsewhere: the key file, or the environment of the process. */
  readonly known: Secrets;
}

/** Returns what the environment of a process has of the secrets of a Worker. */
export const statedSecrets = (
  role: string,
  names: readonly string[],
  variable: (name: string) => string | undefined,
): Secrets =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = variable(secretVariable(role, name));
      return value ? [[name, value] as const] : [];
    }),
  );

export interface WorkerSecrets {
  /** By role. */
  readonly secrets: ReadonlyMap<string, Secrets>;
  /** What no one stated and what is not generated, such as the credential of an upstream. */
  readonly missing: readonly { readonly role: string; readonly name: string }[];
}

/** The secrets that are no keys of the key file. Each is generated once for each Worker. */
const GENERATED: Readonly<Record<string, () => string>> = {
  DPOP_NONCE_SECRET: () => randomBytes(32).toString('hex'),
  SIGNAL_KEY: () => generatePair().privateKey,
  CALLER_KEY: () => generatePair().privateKey,
  RECEIPT_KEY: () => generatePair().privateKey,
  SEAL_KEYS: () => {
    const { privateKey } = generateKeyPairSync('x25519');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    return `x25519-private/${toHex(seed)}`;
  },
};

const fileSchema = v.record(v.string(), v.record(v.string(), v.string()));

/** Returns the path of the generated secrets of an environment, beside its key file. */
export const workerSecretsFile = (folder: string, environment: string): string =>
  join(dirname(deploymentKeyFile(folder, environment)), 'secrets.json');

/**
 * Returns the secrets of each Worker. Those that can be generated are generated once into `file`,
 * whose folder exists; a dry run keeps them to itself. No error contains a secret.
 */
export async function loadWorkerSecrets(
  file: string,
  workers: readonly SecretNeeds[],
  dryRun = false,
): Promise<Result<WorkerSecrets, string>> {
  const present = await readSecrets(file);
  if (!present.ok) return present;
  const stored: Record<string, Record<string, string>> = structuredClone(present.value);
  const secrets = new Map<string, Secrets>();
  const missing: { role: string; name: string }[] = [];
  let isNew = false;
  for (const { role, names, known } of workers) {
    const own: Record<string, string> = {};
    for (const name of names) {
      const given = known[name] ?? stored[role]?.[name];
      const value = given ?? GENERATED[name]?.();
      if (value === undefined) {
        missing.push({ role, name });
        continue;
      }
      own[name] = value;
      if (given !== undefined) continue;
      stored[role] = { ...stored[role], [name]: value };
      isNew = true;
    }
    secrets.set(role, own);
  }
  if (isNew && !dryRun) await replaceFile(file, `${JSON.stringify(stored, null, 2)}\n`, 0o600);
  return ok({ secrets, missing });
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

/**
 * Returns the name of the environment variable from which a command reads a secret of a Worker:
 * `HEWN_MAIN_CRM_KEY` for the secret `CRM_KEY` of the gateway `main`.
 */
export const secretVariable = (role: string, name: string): string =>
  `HEWN_${role.toUpperCase().replaceAll('-', '_')}_${name}`;
