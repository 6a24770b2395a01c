import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BundledWorker } from '../bundle/index.ts';

/**
 * Returns a hash of everything that an upload of the Worker puts in place: its modules, its
 * configuration and its secrets, which are hashed with a secret salt. Two bundles of the same
 * sources have the same hash.
 */
export async function fingerprintOf(
  { config, modules }: Pick<BundledWorker, 'config' | 'modules'>,
  secrets: Readonly<Record<string, string>>,
  salt: string,
): Promise<string> {
  const files = await Promise.all(
    modules.map(async ({ name, type, path }) => [name, type, sha256(await readFile(path))]),
  );
  // A password is short. The salt is a secret of 256 bits, so the hash reveals nothing about one.
  const hidden = sha256(JSON.stringify([salt, Object.entries(secrets).sort()]));
  return sha256(JSON.stringify([config, files.sort(), hidden]));
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
