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
  const pids: number[] = [];
  for (const thread of await readdir('/proc/self/task')) {
    const children = await readFile(`/proc/self/task/${thread}/children`, 'utf8');
    for (const child of children.split(' ').filter((text) => text !== '')) {
      const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
      if (name.trim() === program) pids.push(Number(child));
    }
  }
  const [pid] = pids;
  if (pid === undefined || pids.length > 1) throw new Error(`${pids.length} children ${program}`);
  return pid;
}
