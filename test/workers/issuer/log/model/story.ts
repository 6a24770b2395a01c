import { reset } from 'cloudflare:test';
import * as fc from 'fast-check';
import { exposeArchive } from './archive-weather.ts';
import { commands } from './commands.ts';
import { Model } from './model.ts';
import { World } from './world.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** 0 for the short tests. */
    soakRuns: number;
    soakSeed: number;
  }
}

export interface Stories {
  readonly runs: number;
  readonly commandsMax: number;
  readonly seed?: number;
  /** Stops at the first failure, without shrinking it. */
  readonly isShort?: boolean;
  /** The policy of a verifier that demands witnesses. */
  readonly witnesses?: string;
  /** Runs after each story, when the storage of all objects is gone. */
  readonly afterEach?: () => void;
}

/** Runs random sequences of commands. Throws with the shortest one that fails. */
export async function tellStories({
  runs,
  commandsMax,
  seed,
  isShort = false,
  witnesses,
  afterEach = () => undefined,
}: Stories): Promise<void> {
  const uncover = exposeArchive();
  try {
    const property = fc.asyncProperty(commands(commandsMax), async (story) => {
      const model = new Model();
      const world = new World(model, {
        hasFloors: true,
        ...(witnesses !== undefined && { witnesses }),
      });
      await fc.asyncModelRun(() => ({ model, real: world }), story);
      await world.settle();
    });
    await fc.assert(
      property.afterEach(async () => {
        await reset();
        afterEach();
      }),
      { numRuns: runs, ...(seed !== undefined && { seed }), endOnFailure: isShort },
    );
  } finally {
    uncover();
  }
}
