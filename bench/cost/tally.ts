/** What the objects of one class, or the Worker, have done since the last reading. */
export interface Tally {
  /** Calls from the Worker and from other objects. */
  calls: number;
  alarms: number;
  /** Times that an alarm was set: each is billed as a row. */
  alarmsSet: number;
  statements: number;
  rowsRead: number;
  rowsWritten: number;
  /** Operations of a bucket that change it, or list it. */
  classA: number;
  /** Operations of a bucket that read it. */
  classB: number;
  /** By how much the objects of the bucket have grown. */
  bytesStored: number;
}

export type Tallies = Readonly<Record<string, Tally>>;

export const emptyTally = (): Tally => ({
  calls: 0,
  alarms: 0,
  alarmsSet: 0,
  statements: 0,
  rowsRead: 0,
  rowsWritten: 0,
  classA: 0,
  classB: 0,
  bytesStored: 0,
});

export const sumOf = (tallies: readonly Tally[]): Tally => {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name];
  }
  return sum;
};

export function scaled(tally: Tally, by: number): Tally {
  const product = { ...tally };
  for (const name of Object.keys(product) as (keyof Tally)[]) product[name] *= by;
  return product;
}
