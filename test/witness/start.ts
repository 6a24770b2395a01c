import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { COSIGNATURE, signingKey, verifierKeyOf } from './note.ts';

export interface WitnessProcessOptions {
  readonly name: string;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Path of its database, which a later process may open again. */
  readonly state: string;
  /** Verifier keys of the logs. */
  readonly logs: readonly string[];
  /** To listen on again after a restart; by default a free one. */
  readonly port?: number;
}

export interface WitnessProcess {
  /** Its submission prefix and its monitoring prefix, without a trailing slash. */
  readonly url: string;
  readonly verifierKey: string;
  /** Kills the process without warning and returns when it is gone. */
  kill(): Promise<void>;
}

const START_MILLISECONDS_MAX = 20_000;

/** Starts a witness as a process of its own. */
export async function startWitness(options: WitnessProcessOptions): Promise<WitnessProcess> {
  const { name, seed, state, logs, port = 0 } = options;
  const main = join(import.meta.dirname, 'main.ts');
  const flags = ['--name', name, '--seed', Buffer.from(seed).toString('hex'), '--state', state];
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      main,
      ...flags,
      ...['--port', String(port)],
      ...logs.flatMap((log) => ['--log', log]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const signal = AbortSignal.timeout(START_MILLISECONDS_MAX);
  try {
    const [url] = await Promise.race([
      once(createInterface(child.stdout), 'line', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`The witness ended with ${code} before it listened.`);
      }),
    ]);
    return { url, verifierKey: verifierKeyOf(signingKey(name, COSIGNATURE, seed)), kill };
  } catch (error) {
    await kill();
    throw error;
  }
}
