import type { Filled } from './orders.ts';
import { startLogs } from './worker.ts';

/** A log begins a round by itself with 1 MB of rows: these are less. */
const ROUND = 2_560;

export interface Soak {
  readonly records: number;
  /** Stops early after so long, with the numbers up to then. */
  readonly minutes: number;
  readonly print: (line: string) => void;
}

/**
 * Lets one log take so many records, and moves all of them to its archive. Prints a line now and
 * then. Returns what is wrong; nothing if each record is there and the log's own storage stayed
 * below `bytesMax`.
 */
export async function soakLog(
  { records, minutes, print }: Soak,
  bytesMax: number,
): Promise<readonly string[]> {
  const logs = await startLogs();
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1_000;
  const step = Math.max(ROUND, Math.floor(records / 40));
  try {
    let [done, most, printed] = [0, 0, 0];
    let filled: Filled | undefined;
    while (done < records && seconds() < 60 * minutes) {
      const to = Math.min(records, done + ROUND);
      filled = await logs.ask<Filled>('fill', { from: done, to });
      done = to;
      most = Math.max(most, filled.logBytes);
      if (done - printed < step && done < records) continue;
      printed = done;
      const cpu = (await logs.workerd.cpuMicroseconds()) / done;
      print(
        `${done} records in ${seconds().toFixed(0)} s, ${(done / seconds()).toFixed(0)} a second, ` +
          `${cpu.toFixed(0)} us CPU each; log ${kilobytes(filled.logBytes)} (most ` +
          `${kilobytes(most)}), archive ${kilobytes(filled.archiveBytes)}`,
      );
    }
    const wrong = await lacking(done, (index) => logs.ask<boolean>('has', index));
    const { size = 0, committed = 0, signed = 0 } = filled ?? {};
    for (const [what, count] of Object.entries({ size, committed, signed }))
      if (count !== done) wrong.push(`${what} is ${count} after ${done} records`);
    if (most > bytesMax) wrong.push(`the log had ${kilobytes(most)}`);
    print(`${done} of ${records} records, most in the log ${kilobytes(most)}`);
    return wrong;
  } finally {
    await logs.stop();
  }
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_024)} KB`;

/** Looks at records all over the log. */
async function lacking(size: number, has: (index: number) => Promise<boolean>): Promise<string[]> {
  const places = Array.from({ length: 41 }, (_, n) => Math.floor(((size - 1) * n) / 40));
  const wrong: string[] = [];
  for (const index of new Set(places)) {
    if (!(await has(index))) wrong.push(`record ${index} is not what was appended`);
  }
  return wrong;
}
