import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BundledWorker } from '../bundle/index.ts';

/**
 * Returns a hash of everything that an upload of the Worker puts in place: its modules, its
 * configuration and its secrets. Two bundles of the same sources have the same hash.
 */
export async function fingerprintOf(
  { config, modules }: Pick<BundledWorker, 'config' | 'modules'>,
  secrets: Readonly<Record<string, string>>,
): Promise<string> {
  const files = await Promise.all(
    modules.map(async ({ name, type, path }) => [name, type, sha256(await readFile(path))]),
  );
  // The secrets have 256 bits of entropy each, so their hash reveals nothing about them.
  const hidden = sha256(JSON.stringify(Object.entries(secrets).sort()));
  return sha256(JSON.stringify([config, files.sort(), hidden]));
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
