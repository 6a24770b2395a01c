import { relative, resolve } from 'node:path';
import { createFile } from '../../durable-file.ts';
import { refuse } from '../../result.ts';
import { buildServer, collectSecrets, compileServer } from '../../serve/index.ts';
import { defineCommand, YES } from '../command.ts';
import { readPortFlags, SERVE_FLAGS } from './flags.ts';
import { hostOf, openServed } from './open.ts';
import { findSecrets } from './secrets.ts';

export const buildCommand = defineCommand({
  name: 'build',
  summary: 'build the Workers of a deployment into one program',
  operands: '[DIR]',
  description: `Bundles the Workers of one environment and compiles them with workerd into one program, which needs no Node and no files. It contains no secret: it reads them from the environment variables that hewn serve reads, and the command lists their names.

--secrets writes these variables from .hewn/<environment>/keys.json to a file for a container (docker run --env-file), with mode 0600.

The program takes the options of workerd: -d state=FOLDER for the state, -s issuer=ADDRESS:PORT and -s GATEWAY=ADDRESS:PORT for the addresses. It does not lock the state folder: start it with flock -n -F FOLDER/hewn.lock.`,
  flags: {
    ...SERVE_FLAGS,
    secrets: {
      kind: 'text',
      value: 'FILE',
      description: 'write the secrets to FILE for a container, and make no program',
    },
    outfile: {
      kind: 'text',
      value: 'FILE',
      description: 'the program; by default .hewn/<environment>/hewn-server',
    },
  },
  examples: [
    'hewn build',
    'hewn build --env production --secrets hewn.env',
    'hewn build --env production --outfile /usr/local/bin/hewn-server',
  ],
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
    if (flags.secrets !== undefined) {
      const secrets = await findSecrets(context, folder, environment, built.value, stateFolder);
      if (!secrets.ok) return secrets;
      const file = resolve(context.cwd, flags.secrets);
      const lines = Object.entries(secrets.value.variables).map(
        ([name, text]) => `${name}=${text}\n`,
      );
      if (!(await createFile(file, lines.join(''), 0o600))) {
        return refuse(`${flags.secrets} exists already: delete it first`);
      }
      context.out(`wrote ${lines.length} variables to ${flags.secrets}: keep it like a key`);
      return YES;
    }
    const outFile =
      flags.outfile === undefined
        ? resolve(folder, '.hewn', environment.name, 'hewn-server')
        : resolve(context.cwd, flags.outfile);
    const compiled = await compileServer(built.value, outFile);
    if (!compiled.ok) return compiled;
    const names = collectSecrets(built.value.workers, environment, undefined, () => undefined);
    context.out(`built ${relative(context.cwd, outFile) || outFile}`);
    context.out(`It reads ${[...names.missing, ...names.missingOfGateways].join(', ')}.`);
    return YES;
  },
});
