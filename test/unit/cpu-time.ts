/**
 * Returns how many milliseconds of the processor this process takes for `work`. On a busy machine,
 * the time on the clock is many times as long and bounds nothing.
 */
export async function cpuMilliseconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
