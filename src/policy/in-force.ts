import type { Catalogue } from '../catalogue/index.ts';
import type { Result } from '../result.ts';
import { loadPolicy } from './load.ts';
import type { Policy, PolicyError, PolicyFile } from './policy.ts';

/** A policy that could not be taken, and whether an earlier one goes on. */
export interface PolicyNotTaken {
  readonly error: PolicyError;
  /** False: no policy is in force, and everything is refused. */
  readonly lastGoodStays: boolean;
}

/**
 * The policy that decides. One that fails to load never replaces one that did: a slip in a file
 * must neither open what was closed nor stop everybody's work.
 */
export class PolicyInForce {
  readonly #onFailure: (failure: PolicyNotTaken) => void;
  #policy: Policy | undefined;

  /** `onFailure` says it loudly; it is called for each set of files that is not taken. */
  constructor(onFailure: (failure: PolicyNotTaken) => void) {
    this.#onFailure = onFailure;
  }

  /** The last good one; undefined where there was none yet, and then nothing is minted. */
  get policy(): Policy | undefined {
    return this.#policy;
  }

  /** Takes files in the order of their names, so that it does not matter who lists them. */
  offer(files: readonly PolicyFile[], catalogue: Catalogue): Result<Policy, PolicyError> {
    const ordered = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
    const loaded = loadPolicy(ordered, catalogue);
    if (loaded.ok) this.#policy = loaded.value;
    else this.#onFailure({ error: loaded.error, lastGoodStays: this.#policy !== undefined });
    return loaded;
  }
}
