import { reset } from 'cloudflare:test';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { type WitnessedScene, withWitnesses } from '../witnessed.ts';
import { tellStories } from './story.ts';

const soakRuns = inject('soakRuns');
const seed = inject('soakSeed');
const MINUTES_MAX = 24 * 60;

let scene: WitnessedScene | undefined;

afterEach(async () => {
  await scene?.undo();
  await reset();
  vi.restoreAllMocks();
});

test(
  'no history of restarts, restores and lost copies shows witnesses a second history',
  async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { policy, memories } = await withWitnesses().then((made) => {
      scene = made;
      return made;
    });
    let cosigned = 0;
    await tellStories({
      runs: soakRuns || 8,
      commandsMax: 25,
      ...(soakRuns > 0 && { seed }),
      witnesses: policy,
      afterEach: () => {
        cosigned += memories.filter((memory) => memory.size > 0).length;
        for (const memory of memories) memory.forget();
      },
    });
    expect(JSON.stringify(errors.mock.calls)).not.toMatch(/forked/);
    expect(cosigned).toBeGreaterThan(0);
  },
  MINUTES_MAX * 60_000,
);
