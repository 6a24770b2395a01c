/** CPU time of other processes, from /proc, whatever else runs on the machine. */
import { readdir, readFile } from 'node:fs/promises';

/**
 * Returns the microseconds that all threads of a process have run so far.
 * `/proc/<pid>/task/<tid>/schedstat` begins with the nanoseconds that a thread has run.
 */
export async function cpuMicroseconds(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  let nanoseconds = 0;
  for (const task of tasks) {
    const [ran] = (await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')).split(' ');
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1_000;
}

/** Returns the one child of this process that runs the named program. */
export async function childNamed(program: string): Promise<number> {
  const [pid, ...others] = await childrenNamed(program);
  if (pid === undefined || others.length > 0) throw new Error(`not one child ${program}`);
  return pid;
}

/** Returns all children of this process that run the named program. */
export async function childrenNamed(program: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const thread of await readdir('/proc/self/task')) {
    const children = await readFile(`/proc/self/task/${thread}/children`, 'utf8');
    for (const child of children.split(' ').filter((text) => text !== '')) {
      const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
      if (name.trim() === program) pids.push(Number(child));
    }
  }
  return pids;
}

/** Returns the resident memory of a process, in MiB. */
export async function residentMebibytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1_024;
}
