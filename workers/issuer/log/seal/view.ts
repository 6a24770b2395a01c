import { fromUtf8, toHex } from '../../../../src/encoding.ts';
import {
  type Checkpoint,
  frontierRoot,
  type NoteKey,
  openNote,
  proveConsistency,
  readCheckpoint,
  readFrontier,
  readNote,
  type TileReader,
} from '../../../../src/tlog/index.ts';
import type { Archive, ArchivedObject } from '../../archive/archive.ts';
import { CHECKPOINT, fullTilePath, type Month, type Months, TAIL, TAIL_SIDE } from './paths.ts';
import type { SealState } from './state.ts';
import { readSideTail, readTail, type SideTail, type Tail } from './tail.ts';
import { Tree } from './tree.ts';

/** What the archive has of a log beyond its full bundles, and the etags to replace it by. */
export interface View {
  readonly tree: Tree;
  readonly entries: readonly Uint8Array<ArrayBuffer>[];
  readonly sides: readonly Uint8Array<ArrayBuffer>[];
  readonly months: Months;
  /** When the tail was written. */
  readonly month: Month;
  readonly tailEtag?: string;
  readonly sideEtag?: string;
  readonly checkpoint?: StoredCheckpoint;
}

export interface StoredCheckpoint {
  readonly etag: string;
  readonly note: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly root: string;
  /** Whether its origin is of an earlier generation: then the tree is to be signed again. */
  readonly isEarlier?: true;
}

/**
 * Why a log signs no more: its rows and its archive do not have one history. `lost`: the archive is
 * empty. `behind`: it lacks entries whose rows are gone. `forked`: it has other entries. `torn`: it
 * lacks entries that its own checkpoint covers. `foreign`: a checkpoint that is not of this log.
 * `witnessed`: a witness has a checkpoint under the log's key that this history does not have.
 */
export type StopCode =
  | 'lost'
  | 'behind'
  | 'forked'
  | 'torn'
  | 'foreign'
  | 'malformed'
  | 'witnessed';

/** A log that must not sign: see `StopCode`. */
export class Stopped extends Error {
  readonly code: StopCode;

  constructor(code: StopCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Whose checkpoints the archive has: the log's own key, unless none is set. */
export interface Identity {
  readonly origin: string;
  /** The origins of earlier generations. */
  readonly isEarlier: (origin: string) => boolean;
  readonly key?: NoteKey;
}

/**
 * Reads what the archive has and compares it with the state. Throws `Stopped` if the two can have
 * no common history. The archive may have more entries than the state: the log was restored, or
 * stopped between two writes.
 */
export async function readView(
  archive: Archive,
  state: SealState,
  identity: Identity,
): Promise<View> {
  const [checkpoint, tail, side] = await Promise.all([
    archive.get(CHECKPOINT),
    archive.get(TAIL),
    archive.get(TAIL_SIDE),
  ]);
  const signed = checkpoint && (await readStored(checkpoint, identity));
  if (!tail) {
    if (state.committed > 0 || signed) throw new Stopped('lost', 'the archive has no tail');
    return { ...EMPTY_VIEW, ...(side && { sideEtag: side.etag }) };
  }
  const view = assemble(tail, side, state);
  const read = tileReader(view.tree, archive);
  await compareState(view.tree, state, read);
  if (signed) await compareCheckpoint(view.tree, signed, read);
  return { ...view, ...(signed && { checkpoint: signed }) };
}

const EMPTY_VIEW: View = {
  tree: new Tree(0, [], []),
  entries: [],
  sides: [],
  months: [],
  month: '',
};

/**
 * Returns the hashes of a tile from memory or from the archive. A partial tile in neither is the
 * beginning of the full one.
 */
export const tileReader =
  (tree: Tree, archive: Archive): TileReader =>
  async (tile) => {
    const known = tree.tile(tile);
    if (known) return known;
    const stored = await archive.get(fullTilePath(tile));
    if (!stored) throw new Stopped('torn', `the archive lacks ${fullTilePath(tile)}`);
    return stored.bytes;
  };

/** Returns the proof that the tree of `size` continues that of `oldSize`. */
export const proofFrom = (
  oldSize: number,
  size: number,
  tree: Tree,
  archive: Archive,
): Promise<Uint8Array[]> => proveConsistency(oldSize, size, tileReader(tree, archive));

function assemble(tail: ArchivedObject, side: ArchivedObject | undefined, state: SealState): View {
  const entriesOf = readTail(tail.bytes);
  const sidesOf = side ? readSideTail(side.bytes) : NO_SIDES;
  if (!entriesOf || !sidesOf) throw new Stopped('malformed', 'the tail cannot be read');
  const size = entriesOf.floor + entriesOf.leaves.length;
  // Bundles below the floor of any of them are full in the archive.
  const floors = [entriesOf.floor, state.floor, sidesOf.floor];
  const floor = Math.max(...floors.filter((one) => one <= size));
  const tree = new Tree(entriesOf.floor, entriesOf.edge, entriesOf.leaves);
  const entries = entriesOf.entries.slice(floor - entriesOf.floor);
  return {
    tree: tree.from(floor),
    entries,
    sides: entries.map((_, place) => sidesOf.sides[floor + place - sidesOf.floor] ?? NOTHING),
    months: newestMonths([entriesOf, sidesOf, state]),
    month: entriesOf.month,
    tailEtag: tail.etag,
    ...(side && { sideEtag: side.etag }),
  };
}

const NOTHING = new Uint8Array();
const NO_SIDES: SideTail = { floor: 0, months: [], month: '', sides: [] };

const newestMonths = (known: readonly Pick<Tail, 'floor' | 'months'>[]): Months =>
  known.reduce((newest, one) => (one.floor > newest.floor ? one : newest)).months;

async function readStored(
  { bytes, etag }: ArchivedObject,
  { origin, isEarlier, key }: Identity,
): Promise<StoredCheckpoint> {
  const note = fromUtf8(bytes) ?? '';
  const opened = key ? await openNote(note, [key]) : readNote(note);
  // The log's key may have changed since: what counts then is the comparison of the roots.
  const usable = !opened.ok && opened.error === 'signature_missing' ? readNote(note) : opened;
  const read = usable.ok ? readCheckpoint(usable.value.text) : usable;
  if (!read.ok) throw new Stopped('foreign', `the stored checkpoint is unusable: ${read.error}`);
  const stored = { etag, note, size: read.value.size, root: toHex(read.value.root) };
  if (read.value.origin === origin) return stored;
  if (!isEarlier(read.value.origin)) throw new Stopped('foreign', 'a checkpoint of another log');
  return { ...stored, isEarlier: true };
}

async function compareState(tree: Tree, state: SealState, read: TileReader): Promise<void> {
  const { committed, root } = state;
  if (committed > tree.size) {
    throw new Stopped('behind', `the archive ends at ${tree.size}, and the log at ${committed}`);
  }
  if (committed === 0 || root === undefined) return;
  if ((await rootOf(tree, committed, read)) !== root) {
    throw new Stopped('forked', `the archive has other entries below ${committed}`);
  }
}

async function compareCheckpoint(
  tree: Tree,
  { size, root }: StoredCheckpoint,
  read: TileReader,
): Promise<void> {
  if (size > tree.size) {
    throw new Stopped('torn', `the checkpoint is of ${size}, and the archive ends at ${tree.size}`);
  }
  if ((await rootOf(tree, size, read)) !== root) {
    throw new Stopped('forked', `the checkpoint of ${size} does not fit the archive`);
  }
}

const rootOf = async (tree: Tree, size: number, read: TileReader): Promise<string> =>
  size >= tree.floor ? tree.rootAt(size) : toHex(frontierRoot(await readFrontier(size, read)));

/** Returns the root of the first `size` entries in lower-case hex. */
export const rootAt = (size: number, tree: Tree, archive: Archive): Promise<string> =>
  rootOf(tree, size, tileReader(tree, archive));

/** Returns a stored checkpoint that was written with this note. */
export const storedAs = (
  { size, root }: Checkpoint,
  note: string,
  etag: string,
): StoredCheckpoint => ({ etag, note, size, root: toHex(root) });
