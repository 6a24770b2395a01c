import { runInDurableObject } from 'cloudflare:test';
import { FeedArchive } from '../../../../../workers/issuer/feed/archive.ts';
import { ArchiveSync } from '../../../../../workers/issuer/feed/archive-sync.ts';
import { LogEntries } from '../../../../../workers/issuer/feed/entries.ts';
import { LogSnapshots } from '../../../../../workers/issuer/feed/snapshots.ts';
import { log } from '../scene.ts';

/** Where the log reads, writes or waits. A crash there is a crash at an `await`. */
const STEPS: readonly (readonly [object, readonly string[]])[] = [
  [
    LogEntries.prototype,
    ['append', 'compact', 'revoked', 'since', 'stamp', 'startEpoch', 'state', 'stops'],
  ],
  [LogSnapshots.prototype, ['make', 'made']],
  [ArchiveSync.prototype, ['compare', 'has']],
];

/** The same for the archive: here the archive crashes. */
const ARCHIVE_STEPS: readonly (readonly [object, readonly string[]])[] = [
  [FeedArchive.prototype, ['position', 'keep', 'since']],
];

/** Aborts the log or its archive at the n-th step, before or after the step. */
export class Crash {
  #at = Number.POSITIVE_INFINITY;
  #step = 0;
  #log: DurableObjectState | undefined;
  readonly #undo: (() => void)[] = [];

  constructor() {
    for (const [prototype, names] of STEPS) {
      for (const name of names) this.#watch(prototype, name, () => this.#log);
    }
    for (const [prototype, names] of ARCHIVE_STEPS) {
      for (const name of names) this.#watch(prototype, name, (one) => one.ctx);
    }
  }

  /** The number of steps since it was armed. */
  get steps(): number {
    return this.#step;
  }

  async arm(at: number): Promise<void> {
    await runInDurableObject(log(), (_log, state) => {
      this.#log = state;
      const { storage } = state;
      for (const name of ['getAlarm', 'setAlarm']) this.#watchStorage(storage, name);
    });
    this.#step = 0;
    this.#at = at;
  }

  disarm(): void {
    this.#at = Number.POSITIVE_INFINITY;
  }

  undo(): void {
    this.disarm();
    for (const each of this.#undo.splice(0).reverse()) each();
  }

  #hit(state: DurableObjectState | undefined): void {
    this.#step += 1;
    if (this.#step !== this.#at) return;
    state?.abort('a crash that a test wants');
    throw new Error('a crash that a test wants');
  }

  #watchStorage(storage: DurableObjectStorage, name: string): void {
    const prototype = Object.getPrototypeOf(storage);
    if (watched.has(`${name}`)) return;
    watched.add(name);
    this.#undo.push(() => watched.delete(name));
    this.#watch(prototype, name, (one) => (one === this.#log?.storage ? this.#log : undefined));
  }

  #watch(
    prototype: object,
    name: string,
    // biome-ignore lint/suspicious/noExplicitAny: the `this` of any method
    stateOf: (one: any) => DurableObjectState | undefined,
  ): void {
    const found = Object.getOwnPropertyDescriptor(prototype, name);
    if (!found) throw new Error(`there is no step ${name} any more`);
    const crash = this;
    const around = (method: (...args: unknown[]) => unknown) =>
      function (this: object, ...args: unknown[]): unknown {
        crash.#hit(stateOf(this));
        const value = method.apply(this, args);
        if (value instanceof Promise) {
          const settled = value.then((result) => {
            crash.#hit(stateOf(this));
            return result;
          });
          // A log that crashed at an earlier step no longer waits for this one.
          settled.catch(() => undefined);
          return settled;
        }
        crash.#hit(stateOf(this));
        return value;
      };
    Object.defineProperty(prototype, name, {
      ...found,
      ...(found.get ? { get: around(found.get) } : { value: around(found.value) }),
    });
    this.#undo.push(() => Object.defineProperty(prototype, name, found));
  }
}

const watched = new Set<string>();
