/** What became of an object that was to be created. */
export type Created = 'created' | 'equal' | 'differs';

export interface ArchivedObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of exactly these bytes, for `replace`. */
  readonly etag: string;
}

export interface ArchivePage {
  readonly paths: readonly string[];
  /** False if there are more: list again after the last path. */
  readonly isWhole: boolean;
}

/**
 * One log's part of the archive. Paths are relative to the log. Every method throws if the archive
 * does not answer: whether a write happened is then unknown, and the caller must read it back.
 */
export interface Archive {
  get(path: string): Promise<ArchivedObject | undefined>;
  /** Never overwrites. `differs` means that other bytes are there: another writer was here. */
  create(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Created>;
  /**
   * Replaces the object that has `etag`, or creates it if `etag` is undefined. Returns the new
   * etag; undefined if another writer changed the object.
   */
  replace(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    etag: string | undefined,
  ): Promise<string | undefined>;
  /** Returns paths that begin with `prefix`, in order, after the path `after`. */
  list(prefix: string, after?: string): Promise<ArchivePage>;
  delete(paths: readonly string[]): Promise<void>;
}
