import { FeedArchive } from '../../../../../workers/issuer/feed/archive.ts';

export type ArchiveWeather = 'up' | 'down' | 'hanging';

/** How the archives of these tests answer at the moment. */
export const archiveWeather: { now: ArchiveWeather } = { now: 'up' };

/**
 * Wraps the methods of the archive with failures. Tests and Worker share one isolate, so the Worker's
 * code needs no hook for it. Returns a function that removes the wrappers.
 */
export function exposeArchive(): () => void {
  const real = FeedArchive.prototype;
  const { position, keep, since, catalogue, keepCatalogue } = real;
  const { leafCount, leaves, keepLeaves } = real;
  const weather = async (): Promise<void> => {
    if (archiveWeather.now === 'down') throw new Error('the archive is out of reach');
    while (archiveWeather.now === 'hanging') await new Promise((go) => setTimeout(go, 20));
  };
  const behind = <Args extends unknown[], Value>(method: (...args: Args) => Value) =>
    async function (this: FeedArchive, ...args: Args): Promise<Awaited<Value>> {
      await weather();
      return await method.apply(this, args);
    };
  Object.assign(real, {
    position: behind(position),
    keep: behind(keep),
    since: behind(since),
    catalogue: behind(catalogue),
    keepCatalogue: behind(keepCatalogue),
    leafCount: behind(leafCount),
    leaves: behind(leaves),
    keepLeaves: behind(keepLeaves),
  });
  return () => {
    archiveWeather.now = 'up';
    Object.assign(real, { position, keep, since, catalogue, keepCatalogue });
    Object.assign(real, { leafCount, leaves, keepLeaves });
  };
}
