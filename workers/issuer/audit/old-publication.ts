import { utf8 } from '../../../src/encoding.ts';
import {
  extendFrontier,
  type Frontier,
  frontierRoot,
  leafHash,
  type NoteSigner,
  openNote,
  readCheckpoint,
  signCheckpoint,
} from '../../../src/tlog/index.ts';
import type { Archive } from '../archive/archive.ts';
import { bundlesAfter, edgeAt, monthsOf } from '../archive/full-bundle.ts';
import { CHECKPOINT, TAIL } from '../log/seal/paths.ts';
import { readTail, type Tail, writeTail } from '../log/seal/tail.ts';

/** The part of the archive that covers the whole log. */
export interface Published {
  /** The root that is signed. */
  readonly root: Uint8Array;
  /** The entries after the full bundles. */
  readonly entries: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Writes the entries after the full bundles, and a signed checkpoint over the whole. `month` is
 * that of the last entry. Both objects are created and never replaced here: what another release of
 * this log wrote there stays.
 */
export async function publishOld(
  archive: Archive,
  frontier: Frontier,
  { entries, month }: Pick<Tail, 'entries' | 'month'>,
  signer: NoteSigner,
): Promise<'published' | 'differs'> {
  const whole = extendFrontier(frontier, entries.map(leafHash));
  const paths: string[] = [];
  for await (const path of bundlesAfter(archive, '')) paths.push(path);
  const tail = writeTail({
    floor: frontier.size,
    months: monthsOf(paths),
    month,
    edge: await edgeAt(archive, frontier.size),
    entries,
  });
  if ((await archive.create(TAIL, tail)) === 'differs') return 'differs';
  const checkpoint = { origin: signer.name, size: whole.size, root: frontierRoot(whole) };
  const note = utf8(await signCheckpoint(checkpoint, signer));
  // Witnesses may have cosigned it since.
  if ((await archive.create(CHECKPOINT, note)) !== 'differs') return 'published';
  const known = await readPublished(archive, signer);
  const isSame = known?.root.every((byte, place) => byte === checkpoint.root[place]) === true;
  return isSame ? 'published' : 'differs';
}

/** Reads it back; undefined if something is missing, or not signed with this key. */
export async function readPublished(
  archive: Archive,
  signer: NoteSigner,
): Promise<Published | undefined> {
  const [tail, note] = [await archive.get(TAIL), await archive.get(CHECKPOINT)];
  const rest = tail && readTail(tail.bytes);
  const opened = note && (await openNote(note.bytes, [signer]));
  const checkpoint = opened?.ok ? readCheckpoint(opened.value.text) : undefined;
  if (!rest || !checkpoint?.ok || checkpoint.value.origin !== signer.name) return undefined;
  return { root: checkpoint.value.root, entries: rest.entries };
}
