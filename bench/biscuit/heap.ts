/**
 * Memory after very many verifications with authorization, nothing cached. In Node the heap can be
 * collected and read, so that a leak of a byte each would show; in workerd the kernel tells what the
 * process takes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fixture } from './contest.ts';
import { openWorkerd } from './workerd.ts';

const PROCESS = fileURLToPath(new URL('./heap-process.ts', import.meta.url).href);

export type HeapSample = {
  readonly verifications: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
};

export type HeapReport = {
  readonly samples: readonly HeapSample[];
  readonly bytesEach: number;
  readonly workerd: readonly Omit<HeapSample, 'heapBytes'>[];
};

const WORKERD_SAMPLES = 5;
/** A request of a Worker is short; between two, it collects. */
const VERIFICATIONS_PER_REQUEST = 500;

async function measureWorkerd(fixture: Fixture, verifications: number) {
  const runner = await openWorkerd('hewn', fixture);
  const each = Math.ceil(verifications / WORKERD_SAMPLES);
  const samples: Omit<HeapSample, 'heapBytes'>[] = [];
  for (let i = 1; i <= WORKERD_SAMPLES; i++) {
    for (let done = 0; done < each; done += VERIFICATIONS_PER_REQUEST)
      await runner.measure('cold', VERIFICATIONS_PER_REQUEST);
    samples.push({ verifications: i * each, residentBytes: runner.residentBytes() });
  }
  await runner.close();
  return samples;
}

export async function measureHeap(fixture: Fixture, verifications: number): Promise<HeapReport> {
  const path = join(mkdtempSync(join(tmpdir(), 'hewn-heap-')), 'fixture.json');
  writeFileSync(path, JSON.stringify(fixture));
  const argv = ['--expose-gc', '--no-warnings', PROCESS, path, String(verifications)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const samples: HeapSample[] = [];
  child.on('message', (sample) => samples.push(sample as HeapSample));
  await once(child, 'exit');
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no samples');
  const grown = last.heapBytes - first.heapBytes;
  return {
    samples,
    bytesEach: grown / (last.verifications - first.verifications),
    workerd: await measureWorkerd(fixture, verifications),
  };
}
