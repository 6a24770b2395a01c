import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { ok, type Result, refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { renderFacts } from '../terminal/index.ts';
import { versionTable } from './render.ts';
import { findId, type StoredVersion, showStored } from './stored.ts';

export const versionsShow = defineCommand({
  name: 'versions show',
  summary: 'show a stored version, or write its files to a folder',
  operands: 'ID',
  description:
    'Shows a version: who loaded it and why, and its files. ID is an id, the start of one, or active. --to writes the files to a folder, with the catalogue as catalogue.toml, and overwrites none.',
  flags: {
    to: { kind: 'text', value: 'DIR', description: 'write the files to this folder' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn versions show active', 'hewn versions show 3f2a91c0 --to /tmp/was'],
  run: async ({ flags, operands }, context) => {
    const [wanted, unexpected] = operands;
    if (unexpected !== undefined) return refuse('name one version. See --help');
    const id = await findId(context, flags, wanted);
    if (!id.ok) return id;
    const shown = await showStored(context, flags, id.value);
    if (!shown.ok) return shown;
    const version = shown.value;
    if (flags.to !== undefined) {
      const written = await writeFiles(resolve(context.cwd, flags.to), version);
      if (!written.ok) return written;
    }
    if (flags.json) context.out(showJson(version));
    else {
      context.out(
        [
          versionTable(context, [version]),
          ...renderFacts(context, [
            { name: 'id', value: version.id },
            { name: 'catalogue', value: version.catalogue_hash },
            ...version.files.map((file) => ({ name: 'file', value: file })),
          ]),
        ].join('\n'),
      );
    }
    return YES;
  },
});

/** The issuer checked that no name leads out of a folder, and so does this side. */
async function writeFiles(
  folder: string,
  { policy, catalogue }: StoredVersion,
): Promise<Result<null, string>> {
  const files = [...Object.entries(policy), ['catalogue.toml', catalogue] as const].map(
    ([name, text]) => ({ name, text, path: join(folder, name) }),
  );
  const astray = files.find(({ path }) => !path.startsWith(`${folder}${sep}`));
  if (astray) {
    const name = JSON.stringify(astray.name);
    return refuse(`the version has the file name ${name}, which leads out of ${folder}`);
  }
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }
  return ok(null);
}
