import type { Constraint } from '../../capability/index.ts';
import type { ReadColumn } from './columns.ts';

/** What a row's column has to meet. */
export interface ValueBound {
  readonly pointer: string;
  readonly column: ReadColumn;
  /** Absent if the check is in a form that is not read back. */
  readonly constraint?: Constraint;
  readonly block: number;
  readonly source: string;
}

/** A scope in which everything was evaluated that does not depend on a row. */
export interface SettledScope {
  readonly datasets: readonly string[];
  /** No row is in scope, whatever the rest says. */
  readonly nothing: boolean;
  readonly values: readonly ValueBound[];
  /** The columns that the token bounds, by pointer. */
  readonly passed: ReadonlyMap<string, ReadColumn>;
}
