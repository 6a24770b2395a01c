import { FeedArchive } from '../../../../../workers/issuer/feed/archive.ts';

export type ArchiveWeather = 'up' | 'down' | 'hanging';

/** How the archive of every log of these tests answers just now. */
export const archiveWeather: { now: ArchiveWeather } = { now: 'up' };

/**
 * Puts weather before the archive's own methods. Tests and Worker share one isolate, so that the
 * Worker's code has no seam of its own for it. Answers how to take it away again.
 */
export function exposeArchive(): () => void {
  const real = FeedArchive.prototype;
  const { position, keep, since } = real;
  const held = async (): Promise<void> => {
    if (archiveWeather.now === 'down') throw new Error('the archive is out of reach');
    while (archiveWeather.now === 'hanging') await new Promise((go) => setTimeout(go, 20));
  };
  const behind = <Args extends unknown[], Value>(method: (...args: Args) => Value) =>
    async function (this: FeedArchive, ...args: Args): Promise<Awaited<Value>> {
      await held();
      return await method.apply(this, args);
    };
  Object.assign(real, {
    position: behind(position),
    keep: behind(keep),
    since: behind(since),
  });
  return () => {
    archiveWeather.now = 'up';
    Object.assign(real, { position, keep, since });
  };
}
