import { execFileSync } from 'node:child_process';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import type { WorkerOptions } from '../../../src/dev/index.ts';
import { LOOPBACK } from '../../../src/dev/index.ts';

/** One workerd process, which a test can stop, continue and kill. */
export class Runtime {
  readonly #workers: WorkerOptions[];
  readonly #stateFolder: string;
  readonly lines: string[] = [];
  #miniflare: Miniflare | undefined;
  #processes: readonly number[] = [];

  constructor(workers: WorkerOptions[], stateFolder: string) {
    this.#workers = workers;
    this.#stateFolder = stateFolder;
  }

  async start(): Promise<void> {
    const before = new Set(runtimesOfThisProcess());
    this.#miniflare = new Miniflare(
      convertV4MiniflareOptions({
        host: LOOPBACK,
        port: 0,
        cf: false,
        telemetry: { enabled: false },
        log: new Log(LogLevel.NONE),
        handleStructuredLogs: ({ message }) => this.lines.push(message),
        resourcePersistencePath: this.#stateFolder,
        workers: this.#workers,
      }),
    );
    await this.#miniflare.ready;
    this.#processes = runtimesOfThisProcess().filter((id) => !before.has(id));
    if (this.#processes.length === 0) throw new Error('no runtime to kill');
  }

  /** SIGSTOP: it accepts connections and answers none. */
  pause(): void {
    for (const id of this.#processes) process.kill(id, 'SIGSTOP');
  }

  resume(): void {
    for (const id of this.#processes) process.kill(id, 'SIGCONT');
  }

  /** SIGKILL, in the middle of whatever it does. */
  async kill(): Promise<void> {
    for (const id of this.#processes) process.kill(id, 'SIGKILL');
    this.#processes = [];
    await this.#miniflare?.dispose().catch(() => undefined);
    this.#miniflare = undefined;
  }

  async close(): Promise<void> {
    this.resume();
    await this.#miniflare?.dispose();
    this.#processes = [];
  }
}

/** Finds the process by parent and name, so that no other process is ever killed. */
function runtimesOfThisProcess(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  return lines.split('\n').flatMap((line) => {
    const [, id, parent, name = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && name.includes('workerd') ? [Number(id)] : [];
  });
}
