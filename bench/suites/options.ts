/** What the command line may say about how much is measured. */
export interface SuiteOptions {
  readonly rounds: number;
  readonly operationsPerRound: number;
  readonly verifications: number;
  readonly progress: (text: string) => void;
}
