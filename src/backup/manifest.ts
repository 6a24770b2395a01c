import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ok, type Result, refuse } from '../result.ts';
import { hashFile, integrityFault, useDatabase } from './sqlite.ts';

/** Written last, so a backup without it is not complete. */
export const MANIFEST_FILE = 'manifest.json';
const MANIFEST_BYTES_MAX = 256 * 1024 * 1024; // A hundred bytes for each of a million workflows.

const fileName = v.pipe(v.string(), v.regex(/^[0-9a-z]{1,80}\.sqlite$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const manifestSchema = v.strictObject({
  format: v.literal(1),
  /** The version of Hewn that wrote it. */
  hewn: v.string(),
  deployment: v.string(),
  environment: v.string(),
  /** Unix seconds at which the first file was copied: later changes may be missing. */
  at: count,
  stores: v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(/^[\w-]{1,80}$/)),
      files: v.array(
        v.strictObject({ name: fileName, bytes: count, sha256: v.string(), version: count }),
      ),
    }),
  ),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;

/** Reads the manifest of a backup, and holds every file against it. Reports all faults at once. */
export async function verifyBackup(folder: string): Promise<Result<Manifest, string>> {
  const path = join(folder, MANIFEST_FILE);
  let value: unknown;
  try {
    if ((await stat(path)).size > MANIFEST_BYTES_MAX) return refuse(`${path} is too large`);
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return refuse(`${folder} is no complete backup: it has no readable ${MANIFEST_FILE}`);
  }
  const read = v.safeParse(manifestSchema, value);
  if (!read.success) {
    const where = v.getDotPath(read.issues[0]) ?? 'the file';
    return refuse(`${path} is not a manifest that this release knows: ${where} is wrong`);
  }
  const faults: string[] = [];
  for (const { name: store, files } of read.output.stores) {
    for (const file of files) {
      const fault = await fileFault(join(folder, store, file.name), file.sha256);
      if (fault !== undefined) faults.push(`${store}/${file.name} ${fault}`);
    }
  }
  if (faults.length === 0) return ok(read.output);
  const shown = faults.slice(0, FAULTS_SHOWN_MAX).join('; ');
  return refuse(`${faults.length} files of the backup are unusable: ${shown}`);
}

const FAULTS_SHOWN_MAX = 10;

async function fileFault(path: string, sha256: string): Promise<string | undefined> {
  try {
    if ((await hashFile(path)) !== sha256) return 'is not the file that was backed up';
    const fault = useDatabase(path, integrityFault, { readOnly: true });
    return fault === undefined ? undefined : `is damaged: ${fault}`;
  } catch (error) {
    return `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`;
  }
}
