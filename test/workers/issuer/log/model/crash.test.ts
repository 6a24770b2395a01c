import { reset } from 'cloudflare:test';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { seconds } from '../scene.ts';
import { Crash } from './crash.ts';
import { Model } from './model.ts';
import { World } from './world.ts';

afterEach(() => reset());

const LIVE = 2 ** 33;
const many = (count: number, expires: number) =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'workflow' as const,
    id: `wf_many_${n}_${expires}`,
    at: seconds(),
    expires,
  }));
const stop = (id: string) => [{ kind: 'workflow' as const, id, at: seconds(), expires: LIVE }];

interface Operation {
  readonly name: string;
  /** Slow: tests only every n-th step, with another start each time. The soak tests all. */
  readonly stride?: number;
  /** Runs before it. */
  readonly before: (world: World) => Promise<void>;
  readonly run: (world: World) => Promise<void>;
}

const operations: readonly Operation[] = [
  {
    name: 'an append',
    before: (world) => world.append(stop('wf_before')),
    run: (world) => world.append(stop('wf_now')),
  },
  {
    name: 'an append of several, by a log that has just started',
    before: async (world) => {
      await world.append(stop('wf_before'));
      await world.restart();
    },
    run: (world) => world.append(many(3, LIVE)),
  },
  {
    name: 'a watermark',
    before: (world) => world.append(stop('wf_before')),
    run: (world) =>
      world.appendWatermark({
        kind: 'watermark',
        scope: 'owner',
        value: 'owner-1',
        before: LIVE,
        at: seconds(),
        expires: LIVE,
      }),
  },
  {
    name: 'a head',
    before: (world) => world.append(stop('wf_before')),
    run: (world) => world.head(),
  },
  {
    stride: 4,
    name: 'an alarm that makes a snapshot and forgets what is dead',
    before: async (world) => {
      await world.append(stop('wf_before'));
      for (let round = 0; round < 2; round++) {
        await world.append(many(1_024, round + 1));
        if (round === 0) await world.alarm();
      }
    },
    run: (world) => world.alarm(),
  },
  {
    stride: 6,
    name: 'the first append after a restore of the log',
    before: async (world) => {
      await world.append(stop('wf_before'));
      await world.photograph();
      await world.append(many(3, LIVE));
      for (const verifier of world.verifiers) await world.refresh(verifier);
      await world.restore(0);
    },
    run: (world) => world.append(stop('wf_now')),
  },
];

test.each(operations)(
  'a crash at any step of $name loses nothing and doubles nothing',
  async ({ before, run, stride = 1 }) => {
    const step = inject('soakRuns') > 0 ? 1 : stride;
    const loud = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let crashes = 0;
    for (let at = 1 + Math.floor(Math.random() * step); ; at += step) {
      const world = new World(new Model(), { hasFloors: true });
      await before(world);
      const crash = new Crash();
      try {
        await crash.arm(at);
        await run(world).catch(() => undefined);
        // Work after the answer is part of the operation.
        await new Promise((passed) => setTimeout(passed, 5));
      } finally {
        crash.undo();
      }
      if (crash.steps < at) break;
      crashes += 1;
      await run(world);
      await world.settle();
      await reset();
    }
    loud.mockRestore();
    expect(crashes).toBeGreaterThan(3);
  },
  120_000,
);
