/** Started by heap.ts: verifies and decides, and says from time to time how large the heap is. */
import { readFileSync } from 'node:fs';
import type { Fixture } from './contest.ts';
import { makeHewn } from './hewn.ts';

const [, , path = '', count = '0'] = process.argv;
const fixture: Fixture = JSON.parse(readFileSync(path, 'utf8'));
const verifications = Number(count);
const SAMPLES = 20;

const { operations } = await makeHewn(fixture);
const cold = operations.cold;
if (cold === undefined) throw new Error('no operation');

const sample = (done: number): void => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ verifications: done, heapBytes: heapUsed, residentBytes: rss });
};

// What compilers and caches of the runtime keep is there after a while; what comes then is a leak.
const settled = Math.min(20_000, verifications / 10);
for (let i = 1; i <= verifications; i++) {
  await cold();
  if (i === settled || i % Math.ceil(verifications / SAMPLES) === 0) sample(i);
}
process.disconnect?.();
