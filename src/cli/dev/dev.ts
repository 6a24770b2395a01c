import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DEPLOYMENT_FILE } from '../../deployment/index.ts';
import { lineOfRecord, startDev } from '../../dev/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, readFolderOperand, YES } from '../command.ts';
import { loadFolder } from './load.ts';
import { aborted, stopSignal } from './stop.ts';
import { whereabouts } from './whereabouts.ts';

export const devCommand = defineCommand({
  name: 'dev',
  summary: 'run a deployment on this machine, and apply each change of its files',
  operands: '[DIR]',
  description: `Runs the deployment of a folder on this machine: the issuer and the gateways on workerd, an identity provider that vouches for the users and agents of [dev] in ${DEPLOYMENT_FILE}, and the MCP servers that [dev] names. Everything listens on 127.0.0.1 only, and nothing needs a network. The state stays in .hewn/dev.

Prints each decision on one line. Watches the files: a changed policy or catalogue is checked and put in force, or one line says why not and the one before stays. A change of ${DEPLOYMENT_FILE} or of an entry file starts the Workers again.

Needs wrangler and Node 22.12 or newer. docs/guides/getting-started.md shows it step by step.`,
  flags: {},
  examples: ['hewn dev', 'hewn dev examples/reports', 'HEWN_GATEWAY_PORT=0 hewn dev'],
  exitCodes: { 0: 'it was stopped', 2: 'it did not start, and a message says why' },
  run: async ({ operands }, context) => {
    const named = readFolderOperand(operands);
    if (!named.ok) return named;
    const folder = named.value;
    const file = join(folder, DEPLOYMENT_FILE);
    const found = await stat(resolve(context.cwd, file)).catch(() => undefined);
    if (!found?.isFile()) {
      return refuse(
        `there is no ${file}. Name the folder that contains ${DEPLOYMENT_FILE}, or write a new deployment: npx hewn init`,
      );
    }
    const stop = stopSignal(() => context.out('closing'));
    const started = performance.now();
    context.out('starting …');
    const dev = await startDev({
      folder: resolve(context.cwd, folder),
      home: context.variable('HEWN_HOME'),
      load: () => loadFolder(context.cwd, folder),
      variable: context.variable,
      say: context.out,
      onRecord: (record) => {
        const line = lineOfRecord(record);
        if (line !== undefined) context.out(line);
      },
    });
    if (!dev.ok) {
      return refuse(dev.error.includes('\n') ? `cannot start\n${dev.error}` : dev.error);
    }
    const { areKeysNew, close } = dev.value;
    if (areKeysNew) context.out('generated keys for this machine in .hewn/dev');
    context.out(`up after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    for (const line of whereabouts(dev.value, context.cwd)) context.out(line);
    context.out('Watching the files. Ctrl-C ends it all.');
    await aborted(stop);
    await close();
    return YES;
  },
});
