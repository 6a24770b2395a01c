/** Writes of one request, in the transaction of a group. Returns what the request is answered. */
export type Write<T> = () => T;

interface Job {
  readonly write: Write<unknown>;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes for requests that arrive while an earlier write becomes durable: together, in one
 * transaction. The first of them waits for nothing. A write that fails fails for its request only.
 */
export class GroupCommit {
  readonly #storage: DurableObjectStorage;
  /** Around the writes of a group, in their transaction. */
  readonly #transaction: (writes: () => void) => void;
  #waiting: Job[] = [];
  #isRunning = false;

  constructor(storage: DurableObjectStorage, transaction: (writes: () => void) => void) {
    this.#storage = storage;
    this.#transaction = transaction;
  }

  /** Resolves once the write is durable. `write` runs in a transaction, and awaits nothing. */
  run<T>(write: Write<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ write, done: resolve as Job['done'], failed: reject });
    if (!this.#isRunning) void this.#drain();
    return promise;
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const written = this.#writeTogether(group) ?? this.#writeSingly(group);
      try {
        await this.#storage.sync();
        for (const { job, value } of written) job.done(value);
      } catch (error) {
        for (const { job } of written) job.failed(error);
      }
    }
    this.#isRunning = false;
  }

  #writeTogether(group: readonly Job[]): readonly Written[] | undefined {
    try {
      const written: Written[] = [];
      this.#transaction(() => {
        for (const job of group) written.push({ job, value: job.write() });
      });
      return written;
    } catch {
      return undefined; // One of them. Tried one by one, the others are written.
    }
  }

  #writeSingly(group: readonly Job[]): readonly Written[] {
    return group.flatMap((job) => {
      try {
        let value: unknown;
        this.#transaction(() => {
          value = job.write();
        });
        return [{ job, value }];
      } catch (error) {
        job.failed(error);
        return [];
      }
    });
  }
}

interface Written {
  readonly job: Job;
  readonly value: unknown;
}
