import { DurableObject } from 'cloudflare:workers';
import { sameBytes } from '../../../src/encoding.ts';
import { migrate } from '../platform/sqlite.ts';
import type { ArchivedObject, ArchivePage, Created } from './archive.ts';
import { tileStoreSchema } from './schema.ts';
import type { TileStoreBinding } from './store-binding.ts';

/** A value of SQLite has at most 2 MB. */
const PART_BYTES_MAX = 1024 * 1024;
const LISTED_MAX = 1_000;

/**
 * The archive of one log where there is no bucket: objects by path, behind the same conditions as
 * those of R2. One object per log.
 */
export class TileStore extends DurableObject implements TileStoreBinding {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, tileStoreSchema);
    this.#sql = ctx.storage.sql;
  }

  /** Returns an object; undefined if nothing is stored under this path. */
  get(path: string): ArchivedObject | undefined {
    const [row] = this.#sql.exec('SELECT etag, bytes FROM object WHERE path = ?', path).toArray();
    if (!row) return undefined;
    const bytes = new Uint8Array(Number(row.bytes));
    let end = 0;
    for (const { content } of this.#sql.exec(
      'SELECT content FROM part WHERE path = ? ORDER BY n',
      path,
    )) {
      bytes.set(new Uint8Array(content as ArrayBuffer), end);
      end += (content as ArrayBuffer).byteLength;
    }
    return { bytes, etag: String(row.etag) };
  }

  /** Creates an object, and never overwrites one. */
  create(path: string, bytes: Uint8Array<ArrayBuffer>): Created {
    const stored = this.get(path);
    if (stored) return sameBytes(stored.bytes, bytes) ? 'equal' : 'differs';
    this.#write(path, bytes);
    return 'created';
  }

  /** Replaces the object that has this etag; creates one if `etag` is undefined. */
  replace(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    etag: string | undefined,
  ): string | undefined {
    const [row] = this.#sql.exec('SELECT etag FROM object WHERE path = ?', path).toArray();
    if ((row ? String(row.etag) : undefined) !== etag) {
      const stored = this.get(path);
      return stored && sameBytes(stored.bytes, bytes) ? stored.etag : undefined;
    }
    return this.#write(path, bytes);
  }

  /** Returns a page of the paths that begin with `prefix`, after `after`. */
  list(prefix: string, after = ''): ArchivePage {
    const rows = this.#sql
      .exec(
        `SELECT path FROM object WHERE path > ?1 AND path >= ?2 AND path < ?2 || char(1114111)
         ORDER BY path LIMIT ?3`,
        ...[after, prefix, LISTED_MAX + 1],
      )
      .toArray();
    const paths = rows.slice(0, LISTED_MAX).map(({ path }) => String(path));
    return { paths, isWhole: rows.length <= LISTED_MAX };
  }

  delete(paths: readonly string[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const path of paths) this.#remove(path);
    });
  }

  /** Returns the size of its database. */
  bytes(): number {
    return this.#sql.databaseSize;
  }

  #write(path: string, bytes: Uint8Array<ArrayBuffer>): string {
    const etag = crypto.randomUUID();
    this.ctx.storage.transactionSync(() => {
      this.#remove(path);
      this.#sql.exec(
        'INSERT INTO object (path, etag, bytes) VALUES (?, ?, ?)',
        ...[path, etag, bytes.length],
      );
      for (let n = 0; n * PART_BYTES_MAX < bytes.length; n++) {
        const content = bytes.slice(n * PART_BYTES_MAX, (n + 1) * PART_BYTES_MAX);
        this.#sql.exec(
          'INSERT INTO part (path, n, content) VALUES (?, ?, ?)',
          ...[path, n, content.buffer],
        );
      }
    });
    return etag;
  }

  #remove(path: string): void {
    this.#sql.exec('DELETE FROM part WHERE path = ?', path);
    this.#sql.exec('DELETE FROM object WHERE path = ?', path);
  }
}
