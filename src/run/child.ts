import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const STOP_MILLISECONDS_MAX = 10_000; // An agent that saves its state needs a moment.

/** How the agent ended. */
export interface Ending {
  /** As a shell reports it: 128 plus the number of the signal that ended it. */
  readonly code: number;
  /** Set if it did not start. */
  readonly error?: string;
}

/** The agent of a run, while it runs. */
export interface AgentProcess {
  readonly pid: number | undefined;
  readonly ended: Promise<Ending>;
  /** Asks it to end, and kills it if it does not. */
  readonly stop: () => void;
}

/**
 * Starts the agent with the terminal of this process. Signals reach it: those of the terminal by
 * themselves, since it is in the same group, and others are passed on.
 */
export function startAgent(
  [program = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): AgentProcess {
  const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
  const stop = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS_MAX).unref();
  };
  const onInterrupt = (): void => {
    // Ctrl-C reaches the agent without us, and means what the agent says.
    if (process.stdin.isTTY !== true) child.kill('SIGINT');
  };
  const onTerm = (): void => stop('SIGTERM');
  const onHangUp = (): void => stop('SIGHUP');
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerm).on('SIGHUP', onHangUp);
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ code: 127, error: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }),
    );
  }).finally(() => {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerm).off('SIGHUP', onHangUp);
  });
  return { pid: child.pid, ended, stop: onTerm };
}
