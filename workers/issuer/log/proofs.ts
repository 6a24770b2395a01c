import type { Opening } from '../../../src/audit/entry/index.ts';
import { keyIdsOf, openingsOf, openWith } from '../../../src/audit/entry/index.ts';
import type { AuditRecord, LogName } from '../../../src/audit/index.ts';
import { formatReceipt } from '../../../src/audit/proof/index.ts';
import { fromUtf8 } from '../../../src/encoding.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import {
  proveConsistency,
  proveInclusion,
  readCheckpoint,
  readFrontier,
  readNote,
  type TileReader,
} from '../../../src/tlog/index.ts';
import { archiveOf, type IssuerEnv, transparencyLog } from '../platform/env.ts';
import { keysById } from '../subject-keys/keys.ts';
import type { LogState } from './binding.ts';
import { type LoggedEntry, readEntries, readState } from './read.ts';
import { CHECKPOINT, TAIL } from './seal/paths.ts';
import { readTail } from './seal/tail.ts';
import { Tree } from './seal/tree.ts';
import { tileReader } from './seal/view.ts';

/** An entry with what opens it, and the record that the two give. */
export interface OpenedEntry {
  readonly index: number;
  readonly entry: string;
  readonly openings: readonly Opening[];
  readonly record: AuditRecord;
}

/** The proof of all records of a log from one to another. */
export interface RangeProof {
  readonly checkpoint: string;
  readonly size: number;
  readonly from: number;
  readonly to: number;
  readonly before: readonly Uint8Array[];
  readonly growth: readonly Uint8Array[];
}

/**
 * Why there is no proof. `unsigned`: the log has no checkpoint that covers it, because no key is
 * set, or because it stopped. `record_unknown`: it has no such record, or retention deleted it.
 */
export type NoProof = { readonly code: 'unsigned' | 'record_unknown' };

/**
 * Returns the receipt of a record. A record that no checkpoint covers yet gets one: the log runs a
 * round first.
 */
export async function receiptOf(
  env: IssuerEnv,
  log: LogName,
  index: number,
): Promise<Result<string, NoProof>> {
  const state = await readState(env, log);
  if (index >= state.size) return refuse({ code: 'record_unknown' });
  const proven = await provable(env, log, index + 1);
  if (!proven) return refuse({ code: 'unsigned' });
  const [opened] = await openedEntries(env, await readState(env, log), index, 1);
  if (opened?.index !== index) return refuse({ code: 'record_unknown' });
  const { checkpoint, size, read } = proven;
  const proof = await proveInclusion(index, size, read);
  return ok(formatReceipt({ ...opened, proof, checkpoint }));
}

/** Returns the proof of the records of a log from `from` to the end of its newest checkpoint. */
export async function rangeProofOf(
  env: IssuerEnv,
  log: LogName,
  { from, to }: { readonly from: number; readonly to?: number },
): Promise<Result<RangeProof, NoProof>> {
  const state = await readState(env, log);
  const proven = await provable(env, log, Math.min(to ?? state.size, state.size));
  if (!proven) return refuse({ code: 'unsigned' });
  const { checkpoint, size, read } = proven;
  const end = to ?? size;
  if (from > end || end > size) return refuse({ code: 'record_unknown' });
  const [before, growth] = await Promise.all([
    readFrontier(from, read),
    proveConsistency(end, size, read),
  ]);
  return ok({ checkpoint, size, from, to: end, before: before.hashes, growth });
}

/** Returns up to `limit` entries of a log from `from` on, with what opens them. */
export async function openedEntries(
  env: IssuerEnv,
  state: LogState,
  from: number,
  limit: number,
): Promise<readonly OpenedEntry[]> {
  const end = Math.min(from + limit, state.committed);
  const entries = await readEntries(env, state, from, end - from);
  const ids = entries.flatMap(({ side }) => (side ? keyIdsOf(side) : []));
  const keyOf = await keysById(env, ids);
  return Promise.all(entries.map((one) => openOne(state.log, one, keyOf)));
}

async function openOne(
  log: LogName,
  { index, entry, side }: LoggedEntry,
  keyOf: Parameters<typeof openingsOf>[2],
): Promise<OpenedEntry> {
  const found = await openingsOf(entry, side, keyOf);
  if (!found.ok) report('audit.unopened', { code: found.error.code, log, index });
  const openings = found.ok ? found.value : [];
  const opened = openWith(entry, openings);
  const text = fromUtf8(entry);
  if (!opened.ok || text === undefined) throw new Error(`entry ${index} of ${log} is no record`);
  return { index, entry: text, openings, record: opened.value.record };
}

/** A signed checkpoint, and what reads the tree below it. */
export interface Provable {
  readonly checkpoint: string;
  readonly size: number;
  readonly read: TileReader;
}

/** Returns a checkpoint that covers `size` entries. Runs a round if the newest one does not. */
export async function provable(
  env: IssuerEnv,
  log: LogName,
  size: number,
): Promise<Provable | undefined> {
  const known = await newest(env, log);
  if (known && known.size >= size) return known;
  await transparencyLog(env, log).round();
  const signed = await newest(env, log);
  return signed && signed.size >= size ? signed : undefined;
}

/** Reads the checkpoint first: a proof is for exactly its size, and the tail is never behind it. */
async function newest(env: IssuerEnv, log: LogName): Promise<Provable | undefined> {
  const archive = archiveOf(env, log);
  const stored = await archive.get(CHECKPOINT);
  const checkpoint = stored && fromUtf8(stored.bytes);
  const note = checkpoint === undefined ? undefined : readNote(checkpoint);
  const tree = note?.ok ? readCheckpoint(note.value.text) : undefined;
  const object = await archive.get(TAIL);
  const tail = object && readTail(object.bytes);
  if (checkpoint === undefined || !tree?.ok || !tail) return undefined;
  const { floor, edge, leaves } = tail;
  const read = tileReader(new Tree(floor, edge, leaves), archive);
  return { checkpoint, size: tree.value.size, read };
}
