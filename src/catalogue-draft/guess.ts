/** A value that was guessed, for a person to review. */
export interface Guess {
  readonly member: 'action' | 'tier' | 'arguments' | 'datasets' | 'sinks' | 'route';
  /** What the guess rests on. */
  readonly why: string;
}
