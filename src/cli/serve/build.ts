import { relative, resolve } from 'node:path';
import { buildServer, collectSecrets, compileServer } from '../../serve/index.ts';
import { defineCommand, YES } from '../command.ts';
import { readPortFlags, SERVE_FLAGS } from './flags.ts';
import { hostOf, openServed } from './open.ts';

export const buildCommand = defineCommand({
  name: 'build',
  summary: 'build the Workers of a deployment into one program',
  operands: '[DIR]',
  description: `Bundles the Workers of one environment and compiles them with workerd into one program, which needs no Node and no files. It contains no secret: it reads them from the environment variables that hewn serve reads, and the command lists their names.

The program takes the options of workerd: -d state=FOLDER for the state, -s issuer=ADDRESS:PORT and -s GATEWAY=ADDRESS:PORT for the addresses. It does not lock the state folder: start it with flock -n -F FOLDER/hewn.lock.`,
  flags: {
    ...SERVE_FLAGS,
    outfile: {
      kind: 'text',
      value: 'FILE',
      description: 'the program; by default .hewn/<environment>/hewn-server',
    },
  },
  examples: ['hewn build', 'hewn build --env production --outfile /usr/local/bin/hewn-server'],
  run: async ({ flags, operands }, context) => {
    const changes = readPortFlags(flags.port);
    if (!changes.ok) return changes;
    const served = await openServed(context, operands, flags);
    if (!served.ok) return served;
    const { folder, environment, stateFolder } = served.value;
    const host = hostOf(environment, flags.host);
    const options = { folder, environment, stateFolder, host, ports: changes.value };
    const built = await buildServer(options);
    if (!built.ok) return built;
    const outFile =
      flags.outfile === undefined
        ? resolve(folder, '.hewn', environment.name, 'hewn-server')
        : resolve(context.cwd, flags.outfile);
    const compiled = await compileServer(built.value, outFile);
    if (!compiled.ok) return compiled;
    const names = collectSecrets(built.value.workers, environment, undefined, () => undefined);
    context.out(`built ${relative(context.cwd, outFile) || outFile}`);
    context.out(`It reads ${names.missing.join(', ')}.`);
    return YES;
  },
});
