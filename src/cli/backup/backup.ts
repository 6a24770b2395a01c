import { resolve } from 'node:path';
import { backUp } from '../../backup/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ENVIRONMENT_FLAG } from '../deployment-folder.ts';
import { JSON_FLAG } from '../flags.ts';
import { ownPackage } from '../init/package-folder.ts';
import { openServed } from '../serve/open.ts';
import { writeArchive } from './archive.ts';

export const STATE_FLAG = {
  state: {
    kind: 'text',
    value: 'FOLDER',
    description: 'the folder of the state; by default that of [serve]',
  },
} as const;

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'back up the state of a server while it runs',
  operands: '[DIR]',
  description: `Copies the state of hewn serve to a new folder, or to an archive if --to ends in .tar.gz. The server may be running. Each file is copied consistently and checked, in the order that a restore needs: workflows first, then the revocation log, its archive and the audit log. The manifest has a hash of each file.

A backup contains the names and the actions of people and agents, and the credentials of receivers of signals, so only its owner can read it. It does not contain the keys in .hewn/<environment>/keys.json: keep a copy of that file elsewhere.`,
  flags: {
    to: {
      kind: 'text',
      value: 'PLACE',
      required: true,
      description: 'a new folder, or a file that ends in .tar.gz',
    },
    ...ENVIRONMENT_FLAG,
    ...STATE_FLAG,
    ...JSON_FLAG,
  },
  examples: [
    'hewn backup --to /backups/hewn-2026-11-28',
    'hewn backup --env production --to hewn.tar.gz',
  ],
  run: async ({ flags, operands }, context) => {
    const served = await openServed(context, operands, flags);
    if (!served.ok) return served;
    const { environment, stateFolder } = served.value;
    const target = resolve(context.cwd, flags.to);
    const made = await writeArchive(target, (to) =>
      backUp({
        state: stateFolder,
        to,
        hewn: ownPackage().version,
        deployment: environment.deployment,
        environment: environment.name,
        now: context.now().getTime(),
      }),
    );
    if (!made.ok) return made;
    const stores = made.value.stores.map(({ name, files }) => ({
      name,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    }));
    if (flags.json) {
      context.out(showJson({ to: target, at: made.value.at, stores }));
      return YES;
    }
    for (const { name, files, bytes } of stores) {
      context.out(`${name.padEnd(22)} ${String(files).padStart(6)} files ${bytes} bytes`);
    }
    context.out(`backed up to ${flags.to}`);
    return YES;
  },
});
