import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toSeconds, type UnixMilliseconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import { MANIFEST_FILE, type Manifest } from './manifest.ts';
import { sqliteFault } from './sqlite.ts';
import { entriesOf, STORES } from './stores.ts';

export interface BackupOptions {
  /** The state folder. A server may be running on it. */
  readonly state: string;
  /** The folder of the backup, which must be new or empty. */
  readonly to: string;
  readonly hewn: string;
  readonly deployment: string;
  readonly environment: string;
  readonly now: UnixMilliseconds;
}

/** Copies every store of a state folder, in their order, and writes the manifest last. */
export async function backUp(options: BackupOptions): Promise<Result<Manifest, string>> {
  const { state, to, now, hewn, deployment, environment } = options;
  const fault = sqliteFault();
  if (fault !== undefined) return refuse(fault);
  const present = await entriesOf(state);
  if (present === undefined) return refuse(`there is no state in ${state}`);
  if (((await entriesOf(to)) ?? []).length > 0) return refuse(`${to} is not empty`);
  await mkdir(to, { recursive: true, mode: 0o700 });
  try {
    const stores: Manifest['stores'] = [];
    for (const { name, snapshot } of STORES) {
      const files = await snapshot(join(state, name), join(to, name));
      stores.push({ name, files: [...files] });
    }
    const at = toSeconds(now);
    const manifest: Manifest = { format: 1, hewn, deployment, environment, at, stores };
    await writeFile(join(to, MANIFEST_FILE), `${JSON.stringify(manifest, null, 1)}\n`);
    return ok(manifest);
  } catch (error) {
    await rm(to, { recursive: true, force: true });
    return refuse(`the backup failed, and was removed: ${(error as Error).message}`);
  }
}
