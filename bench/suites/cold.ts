/**
 * The first decision: from the start of a process to its answer, minus the same for a process that
 * decides nothing. Processes start in turns, in random order. Wall time is what a caller waits; CPU
 * time does not include the machine's other load.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { narrow } from '../../src/capability/index.ts';
import { type Report, verdict } from '../report.ts';
import { quantile, shuffled } from '../rounds.ts';
import { bundleWorker, startWorkerd, type WorkerFolder } from '../runtimes/index.ts';
import { unwrap } from '../unwrap.ts';
import { openWorkflow, STEP } from '../workflow.ts';
import type { SuiteOptions } from './options.ts';

interface Spent {
  readonly wallMilliseconds: number;
  readonly cpuMilliseconds: number;
}

const RUNTIMES = ['node', 'workerd'] as const;
type RuntimeName = (typeof RUNTIMES)[number];

const TARGET_MILLISECONDS: Readonly<Record<RuntimeName, number>> = { node: 15, workerd: 8 };

type Start = (folder: WorkerFolder) => Promise<Spent>;

const START: Readonly<Record<RuntimeName, Start>> = {
  node: async ({ path }) => {
    const started = performance.now();
    const child = spawn(process.execPath, [join(path, 'main.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(child.stdout, 'data');
    const wallMilliseconds = performance.now() - started;
    await once(child, 'exit');
    const { user, system } = JSON.parse(String(printed)) as NodeJS.CpuUsage;
    return { wallMilliseconds, cpuMilliseconds: (user + system) / 1_000 };
  },
  workerd: async (folder) => {
    const started = performance.now();
    const workerd = await startWorkerd(folder);
    try {
      const text = await (await fetch(workerd.url)).text();
      const wallMilliseconds = performance.now() - started;
      if (text !== 'done') throw new Error(text);
      return { wallMilliseconds, cpuMilliseconds: (await workerd.cpuMicroseconds()) / 1_000 };
    } finally {
      await workerd.stop();
    }
  },
};

interface Contender {
  readonly runtime: RuntimeName;
  readonly decides: boolean;
  readonly folder: WorkerFolder;
  readonly spent: Spent[];
}

async function bundleContenders(): Promise<readonly Contender[]> {
  const { received, publicKey } = await openWorkflow();
  const define = {
    PUBLIC_KEY: JSON.stringify(publicKey),
    TOKEN: JSON.stringify(unwrap(await narrow(received, STEP))),
  };
  const contenders: Contender[] = [];
  for (const runtime of RUNTIMES) {
    for (const decides of [true, false]) {
      const entry = `${runtime === 'node' ? 'node' : 'worker'}${decides ? '' : '-empty'}.ts`;
      const path = join(import.meta.dirname, '../runtimes/cold', entry);
      contenders.push({ runtime, decides, folder: await bundleWorker(path, define), spent: [] });
    }
  }
  return contenders;
}

export async function coldReport({ rounds, progress }: SuiteOptions): Promise<Report> {
  const contenders = await bundleContenders();
  try {
    // The first one fills the file cache and does not count.
    for (let round = -1; round < rounds; round++) {
      for (const { runtime, folder, spent } of shuffled(contenders)) {
        const one = await START[runtime](folder);
        if (round >= 0) spent.push(one);
      }
      progress(`start ${round + 1} of ${rounds}`);
    }
  } finally {
    for (const { folder } of contenders) await folder.remove();
  }
  return report(contenders, rounds);
}

function report(contenders: readonly Contender[], rounds: number): Report {
  const median = (runtime: RuntimeName, decides: boolean, of: keyof Spent) => {
    const found = contenders.find((one) => one.runtime === runtime && one.decides === decides);
    return quantile(found?.spent.map((spent) => spent[of]) ?? [], 0.5);
  };
  const rows = RUNTIMES.map((runtime) => {
    const empty = median(runtime, false, 'wallMilliseconds');
    const added = median(runtime, true, 'wallMilliseconds') - empty;
    const addedCpu =
      median(runtime, true, 'cpuMilliseconds') - median(runtime, false, 'cpuMilliseconds');
    const target = TARGET_MILLISECONDS[runtime];
    return { runtime, empty, added, addedCpu, target, reached: added <= target };
  });
  return {
    suite: 'cold',
    title: `First decision of a fresh process, milliseconds, medians of ${rounds} starts`,
    columns: ['', 'empty', 'added', 'added, CPU', 'target', ''],
    rows: rows.map(({ runtime, empty, added, addedCpu, target, reached }) => [
      runtime,
      empty.toFixed(1),
      added.toFixed(1),
      addedCpu.toFixed(1),
      `<= ${target}`,
      verdict(reached),
    ]),
    data: { rounds, rows },
  };
}
