import { readdirSync, readFileSync } from 'node:fs';

/** The fields of `/proc/PID/stat` that are needed here. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly isStopped: boolean;
  readonly session: number;
  /** Ticks since the machine started. */
  readonly began: number;
}

const ROUNDS_MAX = 10; // A process can fork while the list is read; a stopped one cannot.

/**
 * Stops the agent and all that it has started, and returns what continues them. A process of the
 * agent that ran while a person is asked could type the answer: every process with the terminal as
 * its controlling terminal can put characters into its input (`TIOCSTI`), where the kernel allows
 * it. So on Linux every process of this session is stopped that began after this one. A process
 * that has left the session has no controlling terminal. Elsewhere, only the agent itself is
 * stopped.
 */
export function pauseAgent(agent: number | undefined): () => void {
  const stopped = new Set<number>();
  if (agent !== undefined && signal(agent, 'SIGSTOP')) stopped.add(agent);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const running = startedByThisRun().filter(({ pid, isStopped }) => !isStopped && pid !== agent);
    const now = running.filter(({ pid }) => signal(pid, 'SIGSTOP'));
    for (const { pid } of now) stopped.add(pid);
    if (now.length === 0) break;
  }
  return () => {
    for (const pid of stopped) signal(pid, 'SIGCONT');
    // An agent with a screen draws it again.
    if (agent !== undefined) signal(agent, 'SIGWINCH');
  };
}

/**
 * Returns the processes of this session that began after this one. A shell that starts this command
 * can have begun in the same tick of the clock, so ancestors are left out by name: a stopped shell
 * would stop the terminal with it, and no one could answer.
 */
function startedByThisRun(): readonly Process[] {
  const own = readProcess(process.pid);
  if (own === undefined) return [];
  const running = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const parents = new Map(running.map(({ pid, parent }) => [pid, parent]));
  const spared = new Set<number>();
  for (let pid: number | undefined = own.pid; pid !== undefined; pid = parents.get(pid)) {
    spared.add(pid);
  }
  return running.filter(
    ({ pid, session, began }) => session === own.session && began >= own.began && !spared.has(pid),
  );
}

/** Returns undefined for a process that has ended, and where there is no `/proc`. */
function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in parentheses, and may contain some.
    const [state = '', parent, , session, , , , , , , , , , , , , , , , began] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ');
    return {
      pid,
      parent: Number(parent),
      isStopped: ['T', 'Z', 'X'].includes(state),
      session: Number(session),
      began: Number(began),
    };
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // It has ended meanwhile, or belongs to another user.
  }
}
