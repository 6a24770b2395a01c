import { refuse } from '../../result.ts';
import {
  buildServer,
  generationFault,
  lockState,
  type StartOptions,
  startServer,
} from '../../serve/index.ts';
import { type Answer, type CommandContext, defineCommand, NO, YES } from '../command.ts';
import { bringKeys, bringVersion } from './bring-version.ts';
import { readPortFlags, SERVE_FLAGS } from './flags.ts';
import { hostOf, openServed } from './open.ts';
import { findSecrets, signingKeysOf } from './secrets.ts';

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'run the Workers of a deployment on this machine',
  operands: '[DIR]',
  description: `Bundles the Workers of one environment and runs them on workerd, in the foreground, until SIGTERM or SIGINT. Requests in flight are answered first. The state is SQLite files in one folder, which only one server may use.

[serve] of hewn.toml states the addresses, the folder and the header of the reverse proxy. Once the Workers answer, the policy and the catalogue of the folder are loaded and activated, unless an operator activated another version since the last start.

The secrets come from environment variables (HEWN_ISSUER_MINT_KEYS and so on), and those that are not there from .hewn/<environment>/keys.json, which is generated at the first start. Logs are JSON lines on standard output. docs/guides/own-server.md describes a server of your own.`,
  flags: SERVE_FLAGS,
  examples: ['hewn serve', 'hewn serve --env production --host 0.0.0.0 --port issuer=9000'],
  exitCodes: { 1: 'the server ended with a failure' },
  run: async ({ flags, operands }, context) => {
    const changes = readPortFlags(flags.port);
    if (!changes.ok) return changes;
    const served = await openServed(context, operands, flags);
    if (!served.ok) return served;
    const { folder, deployment, environment, stateFolder } = served.value;
    const host = hostOf(environment, flags.host);
    const lock = await lockState(stateFolder);
    if (!lock.ok) return lock;
    try {
      const fault = await generationFault(stateFolder, environment.audit.generation);
      if (fault !== undefined) return refuse(fault);
      const options = { folder, environment, stateFolder, host, ports: changes.value };
      const built = await buildServer(options);
      if (!built.ok) return built;
      const secrets = await findSecrets(context, folder, environment, built.value, stateFolder);
      if (!secrets.ok) return secrets;
      return await runUntilStopped(context, {
        server: built.value,
        host,
        stateFolder,
        lock: lock.value,
        variables: secrets.value.variables,
        bring: async (url) => {
          const credential = context.variable('HEWN_OPERATOR') ?? secrets.value.operator;
          const issuer = { url, credential, fetch: context.fetch };
          const version = await bringVersion({ folder, deployment, ...issuer });
          const keys = signingKeysOf(environment, secrets.value.variables);
          return [version, ...(await bringKeys(issuer, keys))].join('\n');
        },
      });
    } finally {
      await lock.value.release();
    }
  },
});

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

async function runUntilStopped(
  context: CommandContext,
  {
    bring,
    ...start
  }: Omit<StartOptions, 'signal'> & {
    /** Brings the version of the folder to the issuer at this URL. */
    readonly bring: (url: string) => Promise<string>;
  },
): Promise<Answer> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  for (const signal of SIGNALS) process.on(signal, abort);
  try {
    const running = await startServer({ ...start, signal: stop.signal });
    if (!running.ok) return running;
    const issuer = running.value.urls.get('issuer');
    if (issuer !== undefined && !stop.signal.aborted) context.err(await bring(issuer));
    for (const [role, url] of running.value.urls) context.err(`${role}: ${url}`);
    return (await running.value.ended) === 0 ? YES : NO;
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort);
  }
}
