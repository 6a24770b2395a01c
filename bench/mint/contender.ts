import type { Prepared } from './client.ts';

/** One server, and its requests. */
export interface Contender {
  readonly operations: readonly Operation[];
  /** CPU time of all threads of its process so far, in microseconds. */
  readonly cpuMicroseconds: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface Operation {
  readonly name: string;
  /** Returns this number of requests, each of which works once. */
  readonly prepare: (count: number) => Promise<readonly Prepared[]>;
}

/** For requests that need no preparation. */
export const same = (request: Prepared) => async (count: number) =>
  Array.from({ length: count }, () => request);

export const each =
  (make: (index: number) => Promise<Prepared>) =>
  async (count: number): Promise<readonly Prepared[]> => {
    const requests: Prepared[] = [];
    for (let index = 0; index < count; index++) requests.push(await make(index));
    return requests;
  };
