import { toHex, utf8 } from '../../../src/encoding.ts';
import { leafHash, noteSigner, openNote, readCheckpoint, rootOf } from '../../../src/tlog/index.ts';
import { ISSUER, LOG_KEY, type LocalIssuer } from './local-issuer.ts';

/** A signed tree of a log: a root for each size, and never another. */
export interface SeenCheckpoint {
  readonly log: string;
  readonly size: number;
  readonly root: string;
}

/** Returns what a log has published, whose signature must verify. */
export async function newestCheckpoint(issuer: LocalIssuer, log: string): Promise<SeenCheckpoint> {
  const response = await issuer.fetch(`/audit/${log}/checkpoint`);
  if (response.status === 404) return { log, size: 0, root: '' };
  const origin = `${new URL(ISSUER).host}/audit/${log}`;
  const signer = await noteSigner(origin, 'log', LOG_KEY);
  const note = await openNote(await response.text(), [signer]);
  const read = note.ok ? readCheckpoint(note.value.text) : note;
  if (!read.ok) throw new Error(`${log}: ${JSON.stringify(read.error)}`);
  return { log, size: read.value.size, root: toHex(read.value.root) };
}

/** An entry of a log with the record that it opens to. */
export interface Entry {
  readonly index: number;
  readonly entry: string;
  readonly record: { readonly event: string; readonly id: string; readonly workflow?: string };
}

/** Returns all entries of a log, which must follow each other from the first. */
export async function entriesOf(issuer: LocalIssuer, log: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let from: number | undefined = 0; from !== undefined; ) {
    const response = await issuer.admin(`audit/logs/${log}/entries?from=${from}`);
    const page = (await response.json()) as { entries: Entry[]; next?: number };
    for (const one of page.entries) {
      if (one.index !== entries.length) throw new Error(`${log} lacks ${entries.length}`);
      entries.push(one);
    }
    from = page.next;
  }
  return entries;
}

/** Returns the checkpoints that the entries of their log do not have the root of. */
export const forked = (
  seen: readonly SeenCheckpoint[],
  log: string,
  entries: readonly Entry[],
): readonly SeenCheckpoint[] => {
  const leaves = entries.map(({ entry }) => leafHash(utf8(entry)));
  return seen.filter(
    (one) =>
      one.log === log &&
      one.size > 0 &&
      (one.size > leaves.length || toHex(rootOf(leaves.slice(0, one.size))) !== one.root),
  );
};
