/**
 * Backs up the state of a server of one's own while it runs, and restores it: every store in the
 * order in which a copy of it must be made, a manifest with hashes, and a new epoch of the feed.
 */
export { exportArchives } from './archive-files.ts';
export { backUp } from './backup.ts';
export { restore } from './restore.ts';
