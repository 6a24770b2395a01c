/** Counts how often a process makes a file durable, with strace. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Returns the fsync and fdatasync calls of a process during `run`; undefined without strace. */
export async function countSyncs(
  pid: number,
  run: () => Promise<void>,
): Promise<number | undefined> {
  const strace = spawn('strace', ['-f', '-e', 'trace=fsync,fdatasync', '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  strace.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const isAttached = await attached(strace, () => text);
  await run();
  if (!isAttached) return undefined;
  strace.kill('SIGINT');
  await once(strace, 'close');
  // A call that another thread interrupts takes two lines; the second one repeats no "(".
  return text.match(/\b(?:fsync|fdatasync)\(/g)?.length ?? 0;
}

/** Resolves to whether it follows the process. */
function attached(strace: ChildProcess, text: () => string): Promise<boolean> {
  return new Promise((settled) => {
    strace.once('error', () => settled(false));
    strace.once('close', () => settled(false));
    const timer = setInterval(() => {
      if (!/attached/.test(text())) return;
      clearInterval(timer);
      settled(true);
    }, 20);
    timer.unref();
  });
}
