import { reset, runInDurableObject } from 'cloudflare:test';
import { FeedArchive } from '../../../../../workers/issuer/feed/archive.ts';
import { log } from '../scene.ts';

/** A protection of the log, and how to remove it. */
export interface Sight {
  readonly protection: string;
  /** Removes it. Returns a function that restores it. */
  readonly takeAway: () => Promise<() => void>;
  /** The failure without it. */
  readonly finds: RegExp;
  /** The seed of a run that soon finds the failure. */
  readonly seed: number;
}

type Exec = (this: SqlStorage, query: string, ...bindings: unknown[]) => unknown;

/** Changes the SQL that reaches the storage of the log, whose code has no switch for it. */
async function changeSql(change: (exec: Exec) => Exec): Promise<() => void> {
  const prototype = await runInDurableObject(log(), (_log, { storage }) =>
    Object.getPrototypeOf(storage.sql),
  );
  const { exec } = prototype;
  prototype.exec = change(exec);
  await reset(); // Creates the tables again.
  return () => {
    prototype.exec = exec;
  };
}

const withText = (replacements: readonly (readonly [string, string])[]) => (exec: Exec) =>
  function (this: SqlStorage, query: string, ...bindings: unknown[]) {
    const changed = replacements.reduce((text, [from, to]) => text.replaceAll(from, to), query);
    return exec.call(this, changed, ...bindings);
  } as Exec;

const replaceMethod = <Name extends 'keep' | 'position'>(
  name: Name,
  make: (real: FeedArchive[Name]) => FeedArchive[Name],
) => {
  const real = FeedArchive.prototype[name];
  FeedArchive.prototype[name] = make(real);
  return async () => () => {
    FeedArchive.prototype[name] = real;
  };
};

const END = 'UPDATE log SET seq = ?, chain = ?, live = ?';

export const sights: readonly Sight[] = [
  {
    protection: 'one step from reading the end of the chain to writing it',
    takeAway: () =>
      changeSql(
        (exec) =>
          function (this: SqlStorage, query: string, ...bindings: unknown[]) {
            if (query !== END) return exec.call(this, query, ...bindings);
            setTimeout(() => exec.call(this, query, ...bindings), 0);
            return exec.call(this, 'SELECT 1');
          },
      ),
    finds: /UNIQUE constraint|lives at/,
    seed: 1,
  },
  {
    protection: 'one entry for what is ordered twice',
    takeAway: () =>
      changeSql(
        withText([
          [
            'SELECT seq FROM entry WHERE ordered = ?',
            'SELECT seq FROM entry WHERE ordered = ? AND 0',
          ],
          ['ordered TEXT NOT NULL UNIQUE', 'ordered TEXT NOT NULL'],
        ]),
      ),
    finds: /was entry/,
    seed: 2,
  },
  {
    protection: 'forgetting what is dead alone',
    takeAway: () =>
      changeSql(
        withText([
          ['DELETE FROM entry WHERE expires < ?', 'DELETE FROM entry WHERE expires < ? + 1e12'],
          ['OLD.expires >= unixepoch() OR', ''],
        ]),
      ),
    finds: /says otherwise|lives at/,
    seed: 2,
  },
  {
    protection: 'forgetting nothing that a delta needs',
    takeAway: () =>
      changeSql(
        withText([
          ['AND seq <= (SELECT delta_from FROM log)', ''],
          ['OR OLD.seq > (SELECT delta_from FROM log)', ''],
        ]),
      ),
    finds: /entries_gap|not what it was/,
    seed: 2,
  },
  {
    protection: 'the comparison with the archive',
    takeAway: async () => replaceMethod('position', () => () => undefined)(),
    finds: /lives at|refused|says otherwise|was entry|not what/,
    seed: 1,
  },
  {
    protection: 'an archive that reports what it has lost',
    takeAway: async () =>
      replaceMethod(
        'keep',
        (real) =>
          function (this: FeedArchive, _after, end, entries) {
            return real.call(this, 0, end, entries);
          },
      )(),
    finds: /not archived|lives at|says otherwise/,
    seed: 1,
  },
];
