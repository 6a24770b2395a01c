import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Catalogue } from '../../catalogue/index.ts';
import { CATALOGUE_DEFAULT } from '../../deployment/index.ts';
import { isCode } from '../../durable-file.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readListingFile, type ServerListing } from '../../server-listing/index.ts';
import type { CommandContext } from '../command.ts';
import { readCatalogue } from '../policy/files.ts';

export const CATALOGUE_FLAG = {
  catalogue: {
    kind: 'text',
    value: 'FILE',
    description: `the tool catalogue; by default ${CATALOGUE_DEFAULT}`,
  },
} as const;

export const LISTING_FLAG = {
  listing: {
    kind: 'text',
    value: 'FILE',
    description:
      'where what the server said is kept; by default catalogue/NAME.listing.json, by the name of the server',
  },
} as const;

export const listingFile = (name: string, flag: string | undefined): string =>
  flag ?? `catalogue/${name}.listing.json`;

/** Reads the catalogue that a command names. Without the flag, an absent file is an empty one. */
export async function readOwnCatalogue(
  context: CommandContext,
  flag: string | undefined,
): Promise<Result<Catalogue, string>> {
  if (flag !== undefined) return readCatalogue(context, flag);
  try {
    await readFile(resolve(context.cwd, CATALOGUE_DEFAULT));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return ok(new Map());
  }
  return readCatalogue(context, CATALOGUE_DEFAULT);
}

/** Reads what a server said before. Undefined if nothing was kept. */
export async function readKept(
  { cwd }: CommandContext,
  file: string,
): Promise<Result<ServerListing | undefined, string>> {
  try {
    const read = readListingFile(await readFile(resolve(cwd, file), 'utf8'));
    return read.ok ? read : refuse(`${file}: ${read.error}`);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return ok(undefined);
    return refuse(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
