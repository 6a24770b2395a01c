/** A log and its archive in memory, with crashes, lost answers, late writes and restores. */
import { createHash } from 'node:crypto';
import type { FixedRecord } from '../../../../src/audit/entry/index.ts';
import { type AuditRecord, isEarlierOrigin } from '../../../../src/audit/index.ts';
import { canonicalJson } from '../../../../src/canonical-json.ts';
import { fromUtf8, utf8 } from '../../../../src/encoding.ts';
import {
  decodeBundle,
  EMPTY_FRONTIER,
  extendFrontier,
  frontierRoot,
  type NoteSigner,
  noteSigner,
  readCheckpoint,
  readNote,
} from '../../../../src/tlog/index.ts';
import type {
  Archive,
  ArchivedObject,
  ArchivePage,
  Created,
} from '../../../../workers/issuer/archive/archive.ts';
import type { Batch } from '../../../../workers/issuer/log/binding.ts';
import { Sealer } from '../../../../workers/issuer/log/seal/sealer.ts';
import {
  NOTHING_SEALED,
  type SealState,
  type SealStore,
} from '../../../../workers/issuer/log/seal/state.ts';
import { readTail } from '../../../../workers/issuer/log/seal/tail.ts';
import { Witnesses } from '../../../../workers/issuer/log/seal/witnesses.ts';

const ORIGIN = 'issuer.example/audit/control';
export const SIGNER = noteSigner(ORIGIN, 'log', `ed25519-private/${'06'.repeat(32)}`);

/** The process ends here. What it wrote stays, and what it knew is gone. */
export class Crash extends Error {}
/** The archive did not answer. Whether it wrote is not known. */
class Unanswered extends Error {}

export type Random = () => number;

/** A generator whose runs can be told apart by their seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Rows {
  readonly state: SealState;
  readonly pending: readonly { readonly index: number; readonly record: AuditRecord }[];
  readonly size: number;
}

const EMPTY: Rows = { state: NOTHING_SEALED, pending: [], size: 0 };

/** The rows of a log. Every change is a new value, so that a point in time can be restored. */
export class ModelStore implements SealStore {
  rows: Rows = EMPTY;
  readonly #point: (where: string) => void;

  constructor(point: (where: string) => void) {
    this.#point = point;
  }

  append(records: readonly AuditRecord[]): void {
    this.#point('append');
    const { pending, size, state } = this.rows;
    const added = records.map((record, place) => ({ index: size + place, record }));
    this.rows = { state, pending: [...pending, ...added], size: size + records.length };
  }

  state(): SealState {
    return this.rows.state;
  }

  save(state: SealState): void {
    this.#point('save');
    this.rows = { ...this.rows, state };
    this.#point('saved');
  }

  size(): number {
    return Math.max(this.rows.size, this.rows.state.committed);
  }

  turn(): void {}

  pending(from: number, limit: number): readonly Batch[] {
    const some = this.rows.pending.filter(({ index }) => index >= from).slice(0, limit);
    return some.map(({ index, record }) => ({ first: index, records: [record] }));
  }

  commit(state: SealState): void {
    this.#point('commit');
    const pending = this.rows.pending.filter(({ index }) => index >= state.committed);
    this.rows = { state, pending, size: Math.max(this.rows.size, state.committed) };
    this.#point('committed');
  }

  adopt(state: SealState, known: ReadonlySet<string>): void {
    const { pending } = this.rows;
    const { committed: before } = this.rows.state;
    const left = pending.filter(({ index, record }) => index >= before && !known.has(record.id));
    const moved = left.map(({ record }, place) => ({ index: state.committed + place, record }));
    this.rows = { state, pending: moved, size: state.committed + moved.length };
  }
}

interface Stored extends ArchivedObject {
  readonly version: number;
}

/** An archive that loses answers, and writes that arrive after their sender has given up. */
export class ModelArchive implements Archive {
  readonly objects = new Map<string, Stored>();
  readonly #random: Random;
  readonly #point: (where: string) => void;
  readonly #failing: number;
  #late: (() => void)[] = [];
  #versions = 0;
  onCheckpoint: (note: string) => void = () => undefined;

  constructor(random: Random, failing: number, point: (where: string) => void) {
    this.#random = random;
    this.#failing = failing;
    this.#point = point;
  }

  async get(path: string): Promise<ArchivedObject | undefined> {
    await this.#weather();
    return this.objects.get(path);
  }

  create(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Created> {
    return this.#write(`create ${path}`, () => {
      const stored = this.objects.get(path);
      if (stored) return Buffer.compare(stored.bytes, bytes) === 0 ? 'equal' : 'differs';
      this.#put(path, bytes);
      return 'created';
    });
  }

  replace(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    etag: string | undefined,
  ): Promise<string | undefined> {
    return this.#write(`replace ${path}`, () => {
      const stored = this.objects.get(path);
      if (stored?.etag !== etag) {
        return stored && Buffer.compare(stored.bytes, bytes) === 0 ? stored.etag : undefined;
      }
      return this.#put(path, bytes);
    });
  }

  async list(prefix: string): Promise<ArchivePage> {
    const paths = [...this.objects.keys()].filter((path) => path.startsWith(prefix)).sort();
    return { paths, isWhole: true };
  }

  async delete(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.objects.delete(path);
  }

  /** All entries: those of the bundles, and those of the tail by their index. */
  entries(): readonly Uint8Array<ArrayBuffer>[] {
    const tail = this.objects.get('tail');
    const read = tail && readTail(tail.bytes);
    const entries: Uint8Array<ArrayBuffer>[] = [];
    const bundles = [...this.objects.keys()].filter((path) => path.includes('/entries/'));
    const numbers = bundles.map((path) => path.replace(/^.*entries/, ''));
    if (new Set(numbers).size < numbers.length) throw new Error('a bundle is in two months');
    for (const path of bundles.sort()) {
      const bytes = this.objects.get(path)?.bytes ?? new Uint8Array();
      entries.push(...(decodeBundle(bytes) ?? []));
    }
    for (const [place, entry] of (read?.entries ?? []).entries()) {
      entries[(read?.floor ?? 0) + place] ??= entry;
    }
    return entries;
  }

  async #write<T>(where: string, write: () => T): Promise<T> {
    await this.#weather();
    if (this.#random() < this.#failing / 3) {
      this.#late.push(write); // It arrives when the log has given up.
      throw new Unanswered(where);
    }
    const answer = write();
    this.#point(where);
    if (this.#random() < this.#failing / 2) throw new Unanswered(where);
    return answer;
  }

  async #weather(): Promise<void> {
    this.#point('archive');
    await Promise.resolve();
    const late = this.#random() < 0.5 ? this.#late.splice(0) : [];
    for (const write of late) write();
    if (this.#random() < this.#failing / 3) throw new Unanswered('nothing was written');
  }

  #put(path: string, bytes: Uint8Array<ArrayBuffer>): string {
    this.#versions += 1;
    const etag = createHash('md5').update(bytes).digest('hex');
    this.objects.set(path, { bytes, etag, version: this.#versions });
    if (path === 'checkpoint') this.onCheckpoint(fromUtf8(bytes) ?? '');
    return etag;
  }
}

const fixRecord = (record: AuditRecord): FixedRecord => ({
  entry: utf8(canonicalJson(record as never)),
  side: utf8(`side of ${record.id}`),
});

export function openSealer(
  store: SealStore,
  archive: Archive,
  now: () => number,
  witnesses = new Witnesses(undefined, [], { fetch, report: () => undefined }),
  { origin = ORIGIN, signer = SIGNER }: { origin?: string; signer?: Promise<NoteSigner> } = {},
): Sealer {
  return new Sealer({
    store,
    archive,
    origin,
    isEarlier: (other) => isEarlierOrigin(other, origin),
    signer: () => signer,
    witnesses,
    fix: async (records) => ({ records: records.map(fixRecord) }),
    now,
    wait: async () => undefined,
    report: () => undefined,
  });
}

/** Everything that the log has ever signed. Throws if two signatures do not have one history. */
export class Witnessed {
  #leaves: readonly string[] = [];
  #frontier = EMPTY_FRONTIER;

  get largest(): number {
    return this.#leaves.length;
  }

  see(note: string, entries: readonly Uint8Array<ArrayBuffer>[]): void {
    const read = readNote(note);
    const checkpoint = read.ok ? readCheckpoint(read.value.text) : read;
    if (!checkpoint.ok) throw new Error('the log published no checkpoint');
    const { size, root } = checkpoint.value;
    const leaves = entries.slice(0, size).map(leafOf);
    if (leaves.length < size) throw new Error('a checkpoint covers entries that are not archived');
    const forked = leaves.findIndex((leaf, index) => leaf !== (this.#leaves[index] ?? leaf));
    if (forked !== -1) throw new Error(`forked at ${forked}`);
    if (size < this.#leaves.length) return; // An older one of the same history, which came late.
    const added = leaves.slice(this.#leaves.length).map((leaf) => Buffer.from(leaf, 'hex'));
    this.#frontier = extendFrontier(this.#frontier, added);
    this.#leaves = leaves;
    if (Buffer.compare(frontierRoot(this.#frontier), root) !== 0) {
      throw new Error('a root of other entries');
    }
  }
}

const leafOf = (entry: Uint8Array): string =>
  createHash('sha256').update(Buffer.of(0)).update(entry).digest('hex');
