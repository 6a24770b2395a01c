import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { seconds } from '../scene.ts';
import { Model } from './model.ts';
import { type Sight, sights } from './sights.ts';
import { tellStories } from './story.ts';
import { World } from './world.ts';

// The log reports each restore as an error, and here that happens all the time.
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const soakRuns = inject('soakRuns');
const seed = inject('soakSeed');
const MINUTES_MAX = 24 * 60;

test(
  'no history of restarts, restores, lost copies and late alarms undoes a revocation',
  () => tellStories({ runs: soakRuns || 12, commandsMax: 30, ...(soakRuns > 0 && { seed }) }),
  MINUTES_MAX * 60_000,
);

// Tests the tests: each protection is removed in turn, and a failure must be found.
test.each<Sight>(sights)(
  'without $protection, a story is found that the log does not survive',
  async ({ takeAway, finds, seed }) => {
    const putBack = await takeAway();
    try {
      const stories = { runs: 50, commandsMax: 30, seed, isShort: true };
      const found: unknown = await tellStories(stories).catch(({ cause }: Error) => cause);
      expect(String(found)).toMatch(finds);
    } finally {
      putBack();
    }
  },
  120_000,
);

test.each([
  ['with a floor follows no older head in its next life', true],
  ['without one goes back, which these tests see', false],
])('a verifier %s', async (_, hasFloors) => {
  const world = new World(new Model(), { hasFloors });
  const verifier = world.verifiers[1];
  if (!verifier) throw new Error('No verifier follows the log.');
  await world.refresh(verifier);
  await world.append([{ kind: 'workflow', id: 'wf_a', at: seconds(), expires: 2 ** 33 }]);
  await world.refresh(verifier);
  verifier.restart();
  verifier.way = 'stale';
  const refreshed = world.refresh(verifier);
  if (hasFloors) await refreshed;
  else await expect(refreshed).rejects.toThrow('went back');
  await reset();
});
