import type { FixedRecord } from '../../../../src/audit/entry/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import type { Clock, UnixMilliseconds } from '../../../../src/clock.ts';
import { eachAtOnce } from '../../../../src/each-at-once.ts';
import { fromHex, toHex, utf8 } from '../../../../src/encoding.ts';
import {
  encodeBundle,
  leafHash,
  type NoteSigner,
  signCheckpoint,
  TILE_HASHES,
} from '../../../../src/tlog/index.ts';
import type { Archive } from '../../archive/archive.ts';
import type { SignedTree } from '../binding.ts';
import { CHECKPOINT, entriesPath, fullTilePath, sidePath, TAIL, TAIL_SIDE } from './paths.ts';
import { readIds } from './restored.ts';
import type { Fixed, SealState, SealStore } from './state.ts';
import { encodeSides, writeSideTail, writeTail } from './tail.ts';
import { proofFrom, readView, rootAt, Stopped, storedAs, type View } from './view.ts';
import type { Witnesses } from './witnesses.ts';

/** What one put of the tail adds at most. */
const CHUNK_RECORDS_MAX = 4_096;
/** One write to the same object of R2 in a second. */
const CHUNK_MILLISECONDS_MIN = 1_000;

/** A Worker has six connections that wait at once, and the log also answers. */
const CREATES_AT_ONCE_MAX = 4;

type ArchiveObject = readonly [path: string, bytes: Uint8Array<ArrayBuffer>];

/** `restored`: the archive had more entries than the log. `stopped`: see `StopCode`. */
export type SealEvent = 'restored' | 'stopped';

export interface SealerParts {
  readonly store: SealStore;
  readonly archive: Archive;
  readonly origin: string;
  readonly isEarlier: (origin: string) => boolean;
  /** Absent where no key is set: then nothing is signed, and everything else is as usual. */
  readonly signer: () => Promise<NoteSigner | undefined>;
  readonly witnesses: Witnesses;
  /** Makes the entries of records: the same bytes for the same records. */
  readonly fix: (records: readonly AuditRecord[]) => Promise<Fixed>;
  readonly now: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly report: (event: SealEvent, detail: Readonly<Record<string, unknown>>) => void;
}

/**
 * Moves the records of one log to its archive. The order of the writes is what keeps the log from
 * forking: tail, commit, checkpoint, bundles. After any failure it forgets what it knew, and reads
 * the archive again before it writes.
 */
export class Sealer {
  readonly #parts: SealerParts;
  #view: View | undefined;
  #reading: Promise<View> | undefined;
  #stopped: Stopped | undefined;
  /** What a witness has shown. It does not go away with another look at the archive. */
  #witnessed: Stopped | undefined;

  constructor(parts: SealerParts) {
    this.#parts = parts;
  }

  /** Why it signs no more; undefined if nothing is wrong. */
  get stopped(): string | undefined {
    return (this.#stopped ?? this.#witnessed)?.code;
  }

  /**
   * Compares the log with its archive, once. Adopts entries that only the archive has. Rejects if
   * the archive does not answer. Call it before the first append: a log that was restored would
   * give an index away a second time.
   */
  async ready(): Promise<View> {
    if (this.#view) return this.#view;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return await this.#reading;
  }

  async #read(): Promise<View> {
    const { store, archive, origin, isEarlier, signer, report } = this.#parts;
    try {
      const key = await signer();
      const state = store.state();
      const view = await readView(archive, state, { origin, isEarlier, ...(key && { key }) });
      if (view.tree.size > state.committed) {
        const ids = await readIds(archive, view, state.committed, store.size());
        // Only the last record of a log that was closed says so.
        const last = await readIds(archive, view, view.tree.size - 1, view.tree.size);
        const isInterrupted = this.#adopt(view, ids, last);
        if (!isInterrupted) report('restored', { from: state.committed, to: view.tree.size });
      }
      this.#view = view;
      this.#stopped = undefined;
      return view;
    } catch (error) {
      if (error instanceof Stopped) this.#stop(error);
      throw error;
    }
  }

  /**
   * Moves all records that are pending now, and returns the newest tree that it has signed. Rejects
   * if it could not, with nothing half done.
   */
  async round(): Promise<SignedTree | undefined> {
    const { store, now, wait } = this.#parts;
    const end = store.size();
    for (let view = await this.ready(); ; view = await this.ready()) {
      const begun = now();
      try {
        await this.#chunk(view, end);
      } catch (error) {
        this.#view = undefined;
        if (error instanceof Stopped) this.#stop(error);
        throw error;
      }
      if (store.state().committed >= end) return store.state().checkpoint;
      await wait(begun + CHUNK_MILLISECONDS_MIN - now());
    }
  }

  async #chunk(before: View, end: number): Promise<void> {
    const { store, fix } = this.#parts;
    store.turn();
    // What an earlier round left first: a bundle belongs to the month of the tail that filled it.
    let view = await this.#publish(before);
    const first = view.tree.size;
    const records = store
      .pending(first, Math.min(end - first, CHUNK_RECORDS_MAX))
      .flatMap((batch) => batch.records);
    if (records.length > 0) {
      const fixed = await fix(records);
      view = await this.#putTail(view, fixed.records);
      this.#view = view;
      store.commit(this.#stateOf(view), first, records, fixed.index);
    }
    await this.#publish(view);
  }

  async #publish(view: View): Promise<View> {
    const signed = await this.#sign(view);
    this.#view = signed;
    const filled = await this.#fill(signed);
    this.#view = filled;
    return filled;
  }

  /** The sides first: entries without their sides would lose what they hide. */
  async #putTail(view: View, fixed: readonly FixedRecord[]): Promise<View> {
    const { archive, now } = this.#parts;
    const { floor } = view.tree;
    const header = { floor, months: view.months, month: monthAt(now()) };
    const entries = view.entries.concat(fixed.map(({ entry }) => entry));
    const sides = view.sides.concat(fixed.map(({ side }) => side));
    const side = writeSideTail({ ...header, sides });
    const sideEtag = await archive.replace(TAIL_SIDE, side, view.sideEtag);
    if (sideEtag === undefined) throw new Error('the sides of the tail were changed by another');
    const tail = writeTail({ ...header, edge: view.tree.edge, entries });
    const tailEtag = await archive.replace(TAIL, tail, view.tailEtag);
    if (tailEtag === undefined) throw new Error('the tail was changed by another');
    const tree = view.tree.with(fixed.map(({ entry }) => leafHash(entry)));
    return { ...view, tree, entries, sides, month: header.month, sideEtag, tailEtag };
  }

  /** Signs the tree of all committed entries, lets witnesses cosign it, and publishes it. */
  async #sign(view: View): Promise<View> {
    const { archive, origin, store, witnesses } = this.#parts;
    const signer = await this.#parts.signer();
    const { size } = view.tree;
    if (!signer || size === 0 || this.#witnessed) return view;
    const root = view.tree.rootAt(size);
    const { checkpoint: last } = view;
    const isSigned = last?.size === size && !last.isEarlier && !witnesses.isWanting(last.note);
    if (isSigned) return view;
    const checkpoint = { origin, size, root: fromHex(root) ?? new Uint8Array() };
    const note = await signCheckpoint(checkpoint, signer);
    const prove = (from: number) => proofFrom(from, size, view.tree, archive);
    const cosigned = await witnesses.cosign(note, size, prove, signer);
    for (const seen of witnesses.shown()) {
      const isOurs =
        seen.size <= size && toHex(seen.root) === (await rootAt(seen.size, view.tree, archive));
      if (isOurs) continue;
      const detail = `${seen.witness} has cosigned another tree of ${seen.size} entries`;
      this.#witnessed = new Stopped('witnessed', detail);
      this.#parts.report('stopped', { why: 'witnessed', detail });
      return view;
    }
    const etag = await archive.replace(CHECKPOINT, utf8(cosigned), view.checkpoint?.etag);
    if (etag === undefined) throw new Error('the checkpoint was changed by another');
    const signed = { ...view, checkpoint: storedAs(checkpoint, cosigned, etag) };
    store.save(this.#stateOf(signed));
    return signed;
  }

  /** Writes the full bundles below the checkpoint, their sides and the tiles that they complete. */
  async #fill(view: View): Promise<View> {
    const { store } = this.#parts;
    const signer = await this.#parts.signer();
    const end = signer && !this.#witnessed ? (view.checkpoint?.size ?? 0) : view.tree.size;
    const floor = Math.max(view.tree.floor, end - (end % TILE_HASHES));
    if (floor === view.tree.floor) return view;
    const first = view.tree.floor / TILE_HASHES;
    const isNewMonth = view.month > (view.months.at(-1)?.[0] ?? '');
    const months = isNewMonth ? [...view.months, [view.month, first] as const] : view.months;
    const month = months.at(-1)?.[0] ?? view.month;
    const bundles = Array.from({ length: floor / TILE_HASHES - first }, (_, n) => first + n);
    await eachAtOnce(
      bundles.flatMap((bundle) => this.#objectsOf(view, bundle, month)),
      CREATES_AT_ONCE_MAX,
      ([path, bytes]) => this.#create(path, bytes),
    );
    const from = floor - view.tree.floor;
    const rest = {
      ...view,
      months,
      tree: view.tree.from(floor),
      entries: view.entries.slice(from),
      sides: view.sides.slice(from),
    };
    store.save(this.#stateOf(rest));
    return rest;
  }

  #objectsOf(view: View, bundle: number, month: string): readonly ArchiveObject[] {
    const from = bundle * TILE_HASHES - view.tree.floor;
    const to = from + TILE_HASHES;
    return [
      [entriesPath(month, bundle), encodeBundle(view.entries.slice(from, to))],
      [sidePath(month, bundle), encodeSides(view.sides.slice(from, to))],
      ...view.tree.completedBy(bundle).map((tile) => [fullTilePath(tile), tile.bytes] as const),
    ];
  }

  async #create(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const created = await this.#parts.archive.create(path, bytes);
    if (created === 'differs') throw new Stopped('forked', `the archive has another ${path}`);
  }

  /** Returns whether the log was only interrupted between the tail and the commit. */
  #adopt(view: View, ids: readonly string[], last: readonly string[]): boolean {
    const { store, now } = this.#parts;
    const before = store.state();
    const pending = store
      .pending(before.committed, ids.length)
      .flatMap(({ records }) => records.map(({ id }) => id));
    const isInterrupted =
      view.tree.size <= store.size() && ids.every((id, place) => id === pending[place]);
    const records = isInterrupted
      ? store.pending(before.committed, ids.length).flatMap((batch) => batch.records)
      : [];
    if (isInterrupted) store.commit(this.#stateOf(view), before.committed, records, undefined);
    else store.adopt(this.#stateOf(view), new Set([...ids, ...last]), now());
    return isInterrupted;
  }

  #stateOf(view: View): SealState {
    const { tree, months, checkpoint: stored } = view;
    const { checkpoint: known, generation } = this.#parts.store.state();
    const isNew = stored !== undefined && stored.size !== known?.size;
    const checkpoint = isNew
      ? { size: stored.size, root: stored.root, at: this.#parts.now() }
      : known;
    return {
      committed: tree.size,
      ...(tree.size > 0 && { root: tree.rootAt(tree.size) }),
      floor: tree.floor,
      months,
      ...(checkpoint && { checkpoint }),
      witnesses: this.#parts.witnesses.state(),
      ...(generation !== undefined && { generation }),
    };
  }

  #stop(stopped: Stopped): void {
    this.#view = undefined;
    this.#stopped = stopped;
    this.#parts.report('stopped', { why: stopped.code, detail: stopped.message });
  }
}

const monthAt = (now: UnixMilliseconds): string => new Date(now).toISOString().slice(0, 7);
