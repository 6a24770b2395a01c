/** `npm run bench`: every benchmark in turn; arguments are handed on to each. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES = ['./biscuit.ts'] as const;

for (const bench of BENCHES) {
  const path = fileURLToPath(new URL(bench, import.meta.url).href);
  const argv = ['--no-warnings', path, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}
