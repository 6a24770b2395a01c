/**
 * Memory after very many verifications: a leak of a byte each would show. In Node, where the heap
 * can be collected and read; each verification with authorization, nothing cached, of a token with
 * one block (three for the rest of the benches: here it is the count that matters).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fixture } from './contest.ts';

const PROCESS = fileURLToPath(new URL('./heap-process.ts', import.meta.url).href);

export type HeapSample = {
  readonly verifications: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
};

export type HeapReport = { readonly samples: readonly HeapSample[]; readonly bytesEach: number };

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
  return { samples, bytesEach: grown / (last.verifications - first.verifications) };
}
