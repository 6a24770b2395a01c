import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toMilliseconds, toSeconds, type UnixMilliseconds, type UnixSeconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import { demandGeneration, lockState, RESTORING_FILE } from '../serve/index.ts';
import { type Manifest, verifyBackup } from './manifest.ts';
import { type NewEpoch, prepareNewEpoch } from './new-epoch.ts';
import { sqliteFault } from './sqlite.ts';
import { entriesOf, STORES } from './stores.ts';

export interface RestoreOptions {
  /** The folder of the backup. It is not changed. */
  readonly from: string;
  /** The state folder. */
  readonly state: string;
  readonly deployment: string;
  readonly environment: string;
  /** Moves what is in the state folder aside. Without it, the folder must be empty. */
  readonly replace: boolean;
  readonly now: UnixMilliseconds;
}

export interface Restored extends NewEpoch {
  readonly manifest: Manifest;
  /** The generation that the logs need; absent if they continue as they were. */
  readonly generation?: UnixSeconds;
  /** Where the earlier state is now. */
  readonly aside?: string;
}

/**
 * Verifies a backup and puts it into the state folder, prepared to begin a new epoch of the feed.
 * Refuses while a server runs on the folder.
 */
export async function restore(options: RestoreOptions): Promise<Result<Restored, string>> {
  const { state } = options;
  const fault = sqliteFault();
  if (fault !== undefined) return refuse(fault);
  const verified = await verifyBackup(options.from);
  if (!verified.ok) return verified;
  const wrong = wrongDeployment(verified.value, options);
  if (wrong !== undefined) return refuse(wrong);
  const lock = await lockState(state);
  if (!lock.ok) return lock;
  try {
    return await restoreLocked(verified.value, options);
  } finally {
    await lock.value.release();
  }
}

function wrongDeployment(manifest: Manifest, options: RestoreOptions): string | undefined {
  const { deployment, environment } = options;
  if (manifest.deployment === deployment && manifest.environment === environment) return undefined;
  return `the backup is of ${manifest.deployment}, environment ${manifest.environment}, and not of ${deployment}, environment ${environment}: its tokens and heads would name another issuer`;
}

async function restoreLocked(
  manifest: Manifest,
  { from, state, replace, now }: RestoreOptions,
): Promise<Result<Restored, string>> {
  const names = STORES.map(({ name }) => name);
  const present = ((await entriesOf(state)) ?? []).filter((name) => names.includes(name));
  if (present.length > 0 && !replace) {
    return refuse(
      `${state} has a state already. Restore to another folder, or move it aside with --replace`,
    );
  }
  const draft = join(state, `restoring-${now}`);
  const aside = join(state, `replaced-${now}`);
  const marker = join(state, RESTORING_FILE);
  await mkdir(draft, { mode: 0o700 });
  try {
    const known = STORES.filter(({ name }) => manifest.stores.some((one) => one.name === name));
    for (const { name } of known)
      await cp(join(from, name), join(draft, name), { recursive: true });
    const replaced = present.length > 0 ? state : undefined;
    const backedUpAt = toMilliseconds(manifest.at);
    const epoch = await prepareNewEpoch({
      state: draft,
      now,
      backedUpAt,
      ...(replaced !== undefined && { replaced }),
    });
    if (epoch.ends.length === 0) {
      return refuse(
        `the backup has no revocation log: its issuer had not served anything. Start an empty state instead`,
      );
    }
    // A crash from here on leaves parts of two states. No server starts while the marker is there.
    await writeFile(marker, `${aside}\n`);
    if (present.length > 0) await mkdir(aside, { mode: 0o700 });
    for (const name of present) await rename(join(state, name), join(aside, name));
    for (const { name, restore } of known) await restore(join(draft, name), join(state, name));
    const generation = epoch.isForked ? toSeconds(now) : undefined;
    if (generation !== undefined) await demandGeneration(state, generation);
    await rm(marker);
    return ok({
      manifest,
      ...epoch,
      ...(generation !== undefined && { generation }),
      ...(present.length > 0 && { aside }),
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
