import type { Grant } from '../capability/index.ts';

export const STEP_UP_MODES = ['ask', 'policy', 'never'] as const;

/** Who decides whether more is requested: a person at the terminal, its policy, or no one. */
export type StepUpMode = (typeof STEP_UP_MODES)[number];

/** What `hewn run` and `hewn bridge` obtain for an agent: a table `[profiles.NAME]`. */
export interface Profile {
  readonly task: string;
  readonly grants: readonly Grant[];
  readonly servers?: readonly string[];
  readonly identity?: string;
  readonly user?: string;
  readonly stepUp?: StepUpMode;
}
