/** What the command line may say about how much is measured. */
export interface SuiteOptions {
  readonly rounds: number;
  readonly operationsPerRound: number;
  readonly verifications: number;
  /** Of what takes long, a small part. */
  readonly isQuick: boolean;
  readonly progress: (text: string) => void;
}
