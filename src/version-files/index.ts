/** Reads the version of a deployment folder: its policy and its catalogue, as one thing. */
export { listFiles } from './list-files.ts';
export { readFolderVersion } from './read.ts';
