import { sameBytes } from '../../../src/encoding.ts';
import type { Archive, ArchivedObject, ArchivePage, Created } from './archive.ts';

/** Objects that one request to R2 may delete. */
const DELETED_PER_REQUEST_MAX = 1_000;

/** The archive of a log in an R2 bucket, below the name of the log. */
export class BucketArchive implements Archive {
  readonly #bucket: R2Bucket;
  readonly #root: string;

  constructor(bucket: R2Bucket, log: string) {
    this.#bucket = bucket;
    this.#root = `${log}/`;
  }

  async get(path: string): Promise<ArchivedObject | undefined> {
    const object = await this.#bucket.get(this.#root + path);
    if (!object) return undefined;
    return { bytes: new Uint8Array(await object.arrayBuffer()), etag: object.etag };
  }

  async create(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Created> {
    if (await this.#put(path, bytes, ABSENT)) return 'created';
    const stored = await this.get(path);
    if (!stored) throw new Error(`the archive neither wrote ${path} nor has it`);
    return sameBytes(stored.bytes, bytes) ? 'equal' : 'differs';
  }

  async replace(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    etag: string | undefined,
  ): Promise<string | undefined> {
    if (etag === '') throw new Error('R2 ignores a condition on an empty etag');
    const written = await this.#put(
      path,
      bytes,
      etag === undefined ? ABSENT : { etagMatches: etag },
    );
    if (written) return written.etag;
    const stored = await this.get(path);
    return stored && sameBytes(stored.bytes, bytes) ? stored.etag : undefined;
  }

  async list(prefix: string, after?: string): Promise<ArchivePage> {
    const found = await this.#bucket.list({
      prefix: this.#root + prefix,
      ...(after !== undefined && { startAfter: this.#root + after }),
    });
    const paths = found.objects.map(({ key }) => key.slice(this.#root.length));
    return { paths, isWhole: !found.truncated };
  }

  async delete(paths: readonly string[]): Promise<void> {
    for (let from = 0; from < paths.length; from += DELETED_PER_REQUEST_MAX) {
      const some = paths.slice(from, from + DELETED_PER_REQUEST_MAX);
      await this.#bucket.delete(some.map((path) => this.#root + path));
    }
  }

  /** Returns null if the condition was false. A throw says nothing: the object may be there. */
  async #put(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    onlyIf: Headers | R2Conditional,
  ): Promise<R2Object | null> {
    try {
      return await this.#bucket.put(this.#root + path, bytes, { onlyIf });
    } catch (error) {
      const stored = await this.#bucket.get(this.#root + path);
      if (!stored) throw error;
      const isOurs = sameBytes(new Uint8Array(await stored.arrayBuffer()), bytes);
      if (isOurs) return stored;
      throw error;
    }
  }
}

/** In the form of a header: `etagDoesNotMatch: ''` would overwrite. */
const ABSENT = new Headers({ 'if-none-match': '*' });
