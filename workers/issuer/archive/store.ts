import type { Archive, ArchivedObject, ArchivePage, Created } from './archive.ts';
import type { TileStoreBinding } from './store-binding.ts';

/** The archive of a log in an object of its own, where there is no bucket. */
export class StoreArchive implements Archive {
  readonly #reach: () => DurableObjectStub<TileStoreBinding>;

  /** `reach` makes a new stub, because a stub whose object was reset throws forever. */
  constructor(reach: () => DurableObjectStub<TileStoreBinding>) {
    this.#reach = reach;
  }

  async get(path: string): Promise<ArchivedObject | undefined> {
    return (await this.#reach().get(path)) as ArchivedObject | undefined;
  }

  async create(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Created> {
    return await this.#reach().create(path, bytes);
  }

  async replace(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    etag: string | undefined,
  ): Promise<string | undefined> {
    return await this.#reach().replace(path, bytes, etag);
  }

  async list(prefix: string, after?: string): Promise<ArchivePage> {
    return await this.#reach().list(prefix, after);
  }

  async delete(paths: readonly string[]): Promise<void> {
    await this.#reach().delete(paths);
  }
}
