import { resolve } from 'node:path';
import { restore } from '../../backup/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ENVIRONMENT_FLAG } from '../deployment-folder.ts';
import { JSON_FLAG } from '../flags.ts';
import { openServed } from '../serve/open.ts';
import { showSeconds } from '../terminal/index.ts';
import { readArchive } from './archive.ts';
import { STATE_FLAG } from './backup.ts';

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'restore the state of a server from a backup',
  operands: '[DIR]',
  description: `Verifies a backup and puts it into the state folder, which must be empty, or is moved aside with --replace. Refuses while a server runs on the folder.

No stop is undone: at its next start, the revocation log begins a new epoch that no verifier has seen. Verifiers follow it and keep what they knew. Every capability from before the restore is stopped and every living workflow ends, because the issuer no longer knows which of them were revoked after the backup. Agents begin new workflows. The audit log gets a record that says from when to when it has nothing.

What the logs of records signed after the backup is lost, unless it is in the state that is moved aside. Witnesses and auditors know it, and refuse another history under the same names. Then the command says which generation to set in [audit] of hewn.toml: the logs continue under new names, and their first records commit to what they had.

Afterwards, repeat the denials, and the versions of policy and catalogue, that you ordered after the backup: the issuer does not know them.`,
  flags: {
    from: {
      kind: 'text',
      value: 'PLACE',
      required: true,
      description: 'the folder or the .tar.gz file that hewn backup wrote',
    },
    replace: { kind: 'switch', description: 'move the state that is there aside' },
    ...ENVIRONMENT_FLAG,
    ...STATE_FLAG,
    ...JSON_FLAG,
  },
  examples: ['hewn restore --from /backups/hewn-2026-11-28 --replace'],
  run: async ({ flags, operands }, context) => {
    const served = await openServed(context, operands, flags);
    if (!served.ok) return served;
    const { environment, stateFolder } = served.value;
    const restored = await readArchive(resolve(context.cwd, flags.from), (from) =>
      restore({
        from,
        state: stateFolder,
        deployment: environment.deployment,
        environment: environment.name,
        replace: flags.replace,
        now: context.now().getTime(),
      }),
    );
    if (!restored.ok) return restored;
    const { manifest, ends, takenOver, unreadable, ended, aside, generation } = restored.value;
    if (flags.json) {
      const at = new Date(manifest.at * 1000).toISOString();
      const answer = { state: stateFolder, at, ends, takenOver, unreadable, ended, aside };
      context.out(showJson({ ...answer, generation }));
      return YES;
    }
    const positions = ends.map(({ epoch, seq }) => `${epoch}.${seq}`).join(', ');
    context.out(`restored the backup of ${showSeconds(context, manifest.at)} to ${stateFolder}`);
    context.out(
      `The revocation log ended at ${positions}. It begins a new epoch at the next start.`,
    );
    if (aside !== undefined) {
      context.out(`The state before is in ${aside}. ${takenOver} later entries came from its log.`);
    }
    for (const file of unreadable) context.err(`cannot read ${file}: its later stops are unknown`);
    context.out(`${ended} living workflows ended, and every earlier capability is stopped.`);
    if (generation !== undefined) {
      context.out(
        `Set generation = ${generation} in [audit] of hewn.toml: what the logs signed after the backup is lost, so they need new names. hewn serve does not start without it. Then give verifiers with witnesses, and auditors, the keys of hewn keys list.`,
      );
    }
    context.out(
      `Repeat the denials and the versions that you ordered after ${showSeconds(context, manifest.at)}.`,
    );
    return YES;
  },
});
