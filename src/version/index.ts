/**
 * What an issuer decides by, as one thing with an id: the files of a policy and the catalogue. Pure
 * functions: its form, its id, and the difference of two.
 */

export { diffVersions, type FileChange, renderDiff } from './diff.ts';
export {
  CATALOGUE_FILE,
  catalogueHash,
  isVersionId,
  readVersion,
  VERSION_BYTES_MAX,
  VERSION_FILES_MAX,
  VERSION_SOURCES,
  type Version,
  type VersionSource,
  versionBytes,
  versionId,
} from './version.ts';
