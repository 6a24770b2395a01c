import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoopbackPort, PortInUse, reservePort } from '../loopback/index.ts';

/**
 * Draws the port of the issuer. Any free port means the one of the last run, if it is free: the
 * issuer's URL is in its feed, its tokens and its stored state, so another port begins without
 * them.
 */
export async function reserveIssuerPort(folder: string, wanted: LoopbackPort): Promise<number> {
  const file = join(folder, 'issuer-port');
  const port = await draw(wanted, await lastPort(file));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${port}\n`);
  return port;
}

async function draw(wanted: LoopbackPort, last: number | undefined): Promise<number> {
  if (wanted.port !== 0 || last === undefined) return reservePort(wanted);
  try {
    return await reservePort({ ...wanted, port: last });
  } catch (error) {
    if (!(error instanceof PortInUse)) throw error;
    return reservePort(wanted);
  }
}

async function lastPort(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const port = Number(text.trim());
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
}

/** Returns the folder of the state of an issuer. */
export const stateFolderOf = (folder: string, issuerPort: number): string =>
  join(folder, 'state', String(issuerPort));
