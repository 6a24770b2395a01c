import { within } from '../../../src/within.ts';
import type { Archive } from './archive.ts';

/**
 * Returns an archive that gives up a request after `milliseconds`. The request may still take
 * effect later, so its sender must read what became of it.
 */
export const boundedArchive = (archive: Archive, milliseconds: number): Archive => ({
  get: (path) => within(archive.get(path), milliseconds),
  create: (path, bytes) => within(archive.create(path, bytes), milliseconds),
  replace: (path, bytes, etag) => within(archive.replace(path, bytes, etag), milliseconds),
  list: (prefix, after) => within(archive.list(prefix, after), milliseconds),
  delete: (paths) => within(archive.delete(paths), milliseconds),
});
