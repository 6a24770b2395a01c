import type { ArchivedObject, ArchivePage, Created } from './archive.ts';

/** The methods of the archive's object. The class documents each of them. */
export interface TileStoreBinding extends Rpc.DurableObjectBranded {
  get(path: string): ArchivedObject | undefined;
  create(path: string, bytes: Uint8Array<ArrayBuffer>): Created;
  replace(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    etag: string | undefined,
  ): string | undefined;
  list(prefix: string, after?: string): ArchivePage;
  delete(paths: readonly string[]): void;
  bytes(): number;
}
