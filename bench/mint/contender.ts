import type { Prepared } from './client.ts';

/** One server, and what is asked of it. */
export interface Contender {
  readonly operations: readonly Operation[];
  /** CPU time of all threads of its process so far, in microseconds. */
  readonly cpuMicroseconds: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface Operation {
  readonly name: string;
  /** So many requests, each of which is good once. */
  readonly prepare: (count: number) => Promise<readonly Prepared[]>;
}

/** For what needs no preparation. */
export const same = (request: Prepared) => async (count: number) =>
  Array.from({ length: count }, () => request);

export const each =
  (make: (index: number) => Promise<Prepared>) =>
  async (count: number): Promise<readonly Prepared[]> => {
    const requests: Prepared[] = [];
    for (let index = 0; index < count; index++) requests.push(await make(index));
    return requests;
  };
