/** What the bench asks of its Worker. */

/** Records by their indexes. */
export interface FillOrder {
  readonly from: number;
  readonly to: number;
}

export interface AppendOrder {
  readonly times: number;
  readonly atOnce: number;
}

/** What is where after an order. */
export interface Filled {
  readonly size: number;
  readonly committed: number;
  /** How many records the newest checkpoint covers. */
  readonly signed: number;
  /** The database of the log. */
  readonly logBytes: number;
  /** The database of its archive. */
  readonly archiveBytes: number;
}
