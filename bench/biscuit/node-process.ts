/** A contestant in a Node process of its own. Started by node.ts, which talks to it by messages. */
import { readFileSync } from 'node:fs';
import { openArena } from '../../test/reference/index.ts';
import type { Contestant, ContestantName, Fixture } from './contest.ts';
import { makeHewn } from './hewn.ts';
import { makeNative } from './native.ts';
import { makeReference } from './reference.ts';

export type Order = { readonly operation: string; readonly iterations: number };

async function make(name: ContestantName, fixture: Fixture): Promise<Contestant> {
  if (name === 'hewn') return makeHewn(fixture);
  return name === 'native' ? makeNative(fixture) : makeReference(fixture, openArena);
}

const [, , name = '', fixturePath = ''] = process.argv;
const fixture: Fixture = JSON.parse(readFileSync(fixturePath, 'utf8'));
const contestant = await make(name as ContestantName, fixture);

/** CPU of the whole process: WebCrypto works on threads of its own. */
async function measure({ operation, iterations }: Order): Promise<number> {
  const run = contestant.operations[operation];
  if (run === undefined) throw new RangeError(operation);
  await contestant.prepare?.(operation, iterations);
  const before = process.cpuUsage();
  for (let i = 0; i < iterations; i++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / iterations;
}

process.on('message', async (order: Order) => {
  process.send?.(await measure(order));
});
process.send?.('ready');
