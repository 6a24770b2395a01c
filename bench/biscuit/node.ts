/** Contestants in Node: CPU by `process.cpuUsage()`, pinned to one core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpenRunner, PINNED } from './runner.ts';

const PROCESS = fileURLToPath(new URL('./node-process.ts', import.meta.url).href);

const answer = async (child: ChildProcess): Promise<unknown> => {
  const [message] = await once(child, 'message');
  return message;
};

export const openNode: OpenRunner = async (contestant, fixture) => {
  const fixturePath = join(mkdtempSync(join(tmpdir(), 'hewn-bench-')), 'fixture.json');
  writeFileSync(fixturePath, JSON.stringify(fixture));
  const argv = [...PINNED, process.execPath, '--no-warnings', PROCESS, contestant, fixturePath];
  const child = spawn('taskset', argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await answer(child);
  return {
    measure: async (operation, iterations) => {
      child.send({ operation, iterations });
      return Number(await answer(child));
    },
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
};
