/** The keys of one environment of a deployment: generated once, and never replaced. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UnixSeconds } from '../clock.ts';
import { isCode } from '../durable-file.ts';
import { writeMintKeys } from '../keyring/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { KeyFile } from './contents.ts';
import { changeKeyFile, makeKeyFile, readKeyFile } from './file.ts';
import { generatePair } from './pair.ts';

export interface DeploymentKeys {
  readonly keys: KeyFile;
  readonly file: string;
  /** True if this call created the file. */
  readonly generated: boolean;
}

/** Contains everything that Hewn writes into a deployment. */
const DEPLOYMENT_STATE_FOLDER = '.hewn';

/** Returns the path of the key file of an environment. `folder` is that of `hewn.toml`. */
export const deploymentKeyFile = (folder: string, environment: string): string =>
  join(folder, DEPLOYMENT_STATE_FOLDER, environment, 'keys.json');

/**
 * Reads the keys of an environment, and creates them if there are none. The folder gets mode 0700
 * and a file that makes git ignore it. An error says what to do, and contains no key.
 */
export async function loadDeploymentKeys(
  folder: string,
  environment: string,
  now: UnixSeconds,
): Promise<Result<DeploymentKeys, string>> {
  const file = deploymentKeyFile(folder, environment);
  const present = await readKeyFile(file);
  if (present.ok) return withLaterKeys(file, present.value);
  if (present.error.code === 'key_file_damaged') return refuse(damaged(file, present.error.why));
  await prepareStateFolder(folder, environment);
  const generated = await makeKeyFile(file, now);
  // If two first starts race, one file wins and both read it.
  const made = await readKeyFile(file);
  if (made.ok) return ok({ keys: made.value, file, generated });
  const { error } = made;
  return refuse(
    damaged(file, error.code === 'key_file_damaged' ? error.why : 'it has disappeared'),
  );
}

/**
 * Adds the keys of the logs and of approvals to a file of a release that had none. If several
 * processes start at once, one adds the keys and the others wait for it.
 */
async function withLaterKeys(file: string, keys: KeyFile): Promise<Result<DeploymentKeys, string>> {
  if (keys.log && keys.approver) return ok({ keys, file, generated: false });
  for (let times = 1; ; times++) {
    const changed = await changeKeyFile<never>(file, (contents) => ok(withAllPairs(contents)));
    if (changed.ok) return ok({ keys: changed.value, file, generated: false });
    const { error } = changed;
    if (error.code !== 'key_file_locked') return refuse(damaged(file, error.code));
    if (times === LOCK_TIMES_MAX) {
      const why = `${error.lock} is there. Another process changes the file, or was interrupted: remove the lock if none runs`;
      return refuse(`the keys of the logs and of approvals cannot be added to ${file}: ${why}`);
    }
    await sleep(LOCK_MILLISECONDS);
  }
}

/** Returns the contents with the keys that files of earlier releases do not have. */
export const withAllPairs = (contents: KeyFile): KeyFile => ({
  ...contents,
  log: contents.log ?? generatePair(),
  approver: contents.approver ?? generatePair(),
});

/** Two seconds: a change of the file takes milliseconds. */
const LOCK_TIMES_MAX = 40;
const LOCK_MILLISECONDS = 50;

/**
 * Creates the folder of what Hewn keeps for an environment, which git ignores, and returns its
 * path.
 */
export async function prepareStateFolder(folder: string, environment: string): Promise<string> {
  const root = join(folder, DEPLOYMENT_STATE_FOLDER);
  const own = dirname(deploymentKeyFile(folder, environment));
  await mkdir(own, { recursive: true, mode: 0o700 });
  // `mkdir` does not apply `mode` to a folder that exists.
  for (const each of [root, own]) await chmod(each, 0o700);
  try {
    await writeFile(join(root, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  return own;
}

const damaged = (file: string, why: string): string =>
  `the keys in ${file} cannot be used: ${why}. They are not replaced automatically, because ` +
  'everything that they signed would be lost. Put a copy of the file back, or delete the folder ' +
  `${dirname(file)} to start over with new keys and without the stored state.`;

/** Returns the secrets of the issuer that the file has, by the names of its variables. */
export const issuerSecrets = ({ mint, feed, log, approver, operator }: KeyFile) => ({
  MINT_KEYS: writeMintKeys(mint),
  FEED_KEY: feed.privateKey,
  ...(log && { LOG_KEY: log.privateKey }),
  ...(approver && { APPROVER_KEY: approver.privateKey }),
  // Only the digest: the Worker can recognise the operator and cannot impersonate one.
  OPERATOR_SHA256: createHash('sha256').update(operator).digest('hex'),
});
