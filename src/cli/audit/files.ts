import { resolve } from 'node:path';
import { exportArchives } from '../../backup/index.ts';
import { STATE_FLAG } from '../backup/backup.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ENVIRONMENT_FLAG } from '../deployment-folder.ts';
import { JSON_FLAG } from '../flags.ts';
import { openServed } from '../serve/open.ts';

export const auditFiles = defineCommand({
  name: 'audit files',
  summary: 'write the archive of the logs of a server as files',
  operands: '[DIR]',
  description: `Writes the archive of every log of hewn serve to a new folder, as c2sp.org/tlog-tiles names its files: checkpoint, tile/L/N and tile/entries/N, with the partial ones. Any web server can publish the folder, and any reader of such logs can check it. The tree is computed again, and an archive without the signed root is refused. The server may be running.

The entries have commitments instead of what is personal. What the commitments hide, and the records that are in no checkpoint yet, are not written: hewn backup copies them.`,
  flags: {
    to: { kind: 'text', value: 'FOLDER', required: true, description: 'a new folder' },
    ...ENVIRONMENT_FLAG,
    ...STATE_FLAG,
    ...JSON_FLAG,
  },
  examples: ['hewn audit files --to /srv/logs'],
  run: async ({ flags, operands }, context) => {
    const served = await openServed(context, operands, flags);
    if (!served.ok) return served;
    const exported = await exportArchives(served.value.stateFolder, resolve(context.cwd, flags.to));
    if (!exported.ok) return exported;
    if (flags.json) {
      context.out(showJson({ logs: exported.value }));
      return YES;
    }
    for (const { origin, size } of exported.value) context.out(`${origin}  ${size} entries`);
    context.out(`written to ${flags.to}`);
    return YES;
  },
});
