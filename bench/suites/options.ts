/** The command line's options for how much is measured. */
export interface SuiteOptions {
  readonly rounds: number;
  readonly operationsPerRound: number;
  readonly verifications: number;
  /** Measures a small part of what takes long. */
  readonly isQuick: boolean;
  readonly progress: (text: string) => void;
}
