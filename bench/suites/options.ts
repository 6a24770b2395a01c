/** The command line's options for how much is measured. */
export interface SuiteOptions {
  readonly rounds: number;
  readonly operationsPerRound: number;
  readonly verifications: number;
  /** How many calls the gateway's memory is measured over; undefined if it is not. */
  readonly memoryCalls: number | undefined;
  /** Measures a small part of what takes long. */
  readonly isQuick: boolean;
  readonly progress: (text: string) => void;
}
