import type { Catalogue } from '../catalogue/index.ts';
import type { Result } from '../result.ts';
import { loadPolicy } from './load.ts';
import type { Policy, PolicyError, PolicyFile } from './policy.ts';

/** A policy that failed to load, and whether an earlier one stays in force. */
export interface PolicyLoadFailure {
  readonly error: PolicyError;
  /** False if no policy is in force, so that everything is refused. */
  readonly lastGoodStays: boolean;
}

/**
 * The policy that decides. A policy that fails to load never replaces one that loaded: a mistake in
 * a file must neither open what was closed nor stop everyone's work.
 */
export class PolicyInForce {
  readonly #onFailure: (failure: PolicyLoadFailure) => void;
  #policy: Policy | undefined;

  /** `onFailure` is called for each set of files that fails to load, and should alert someone. */
  constructor(onFailure: (failure: PolicyLoadFailure) => void) {
    this.#onFailure = onFailure;
  }

  /** The last policy that loaded. Undefined if none has loaded, and then nothing is minted. */
  get policy(): Policy | undefined {
    return this.#policy;
  }

  /** Loads files in the order of their names, so that the order of a listing does not matter. */
  offer(files: readonly PolicyFile[], catalogue: Catalogue): Result<Policy, PolicyError> {
    const ordered = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
    const loaded = loadPolicy(ordered, catalogue);
    if (loaded.ok) this.#policy = loaded.value;
    else this.#onFailure({ error: loaded.error, lastGoodStays: this.#policy !== undefined });
    return loaded;
  }
}
