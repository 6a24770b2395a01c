import { canonicalJson, type Json } from '../../canonical-json.ts';
import type { UnixSeconds } from '../../clock.ts';
import { fromUtf8, utf8 } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  formatProofFile,
  leafHash,
  type ProofFault,
  readCheckpoint,
  readNote,
  readProofFile,
  verifyProofFile,
} from '../../tlog/index.ts';
import { type EntryFault, type OpenedRecord, type Opening, openWith } from '../entry/index.ts';
import type { LogName } from '../logs.ts';
import { readContent } from './content.ts';
import { logOfOrigin, policyFor, type Trust } from './trust.ts';

/** An entry of a log with what opens and proves it. */
export interface ProvenRecord {
  /** The text of the entry: RFC 8785 JSON. */
  readonly entry: string;
  readonly openings: readonly Opening[];
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint as a note, with the lines of witnesses. */
  readonly checkpoint: string;
}

/**
 * Returns a receipt: a proof file of C2SP whose `extra` is JSON with the entry and its openings.
 * `extra` is not signed, and need not be: the entry hashes to the leaf, and the openings to the
 * entry's commitments.
 */
export function formatReceipt({ entry, openings, ...proven }: ProvenRecord): string {
  const extra = utf8(canonicalJson({ entry, openings } as unknown as Json));
  return formatProofFile({ ...proven, extra });
}

/** What a receipt proves. */
export interface VerifiedReceipt extends OpenedRecord {
  readonly log: LogName;
  readonly index: number;
  /** The size of the log at that checkpoint. */
  readonly size: number;
  /** When the newest of the needed cosignatures was made; undefined if none is needed. */
  readonly seen: UnixSeconds | undefined;
}

/** Why a receipt proves nothing. `origin_foreign`: it is of a log of another issuer. */
export type ReceiptFault = ProofFault | EntryFault['code'] | 'content_malformed' | 'origin_foreign';

/** Verifies a receipt with nothing but the keys that the reader trusts. */
export async function verifyReceipt(
  text: string,
  trust: Trust,
): Promise<Result<VerifiedReceipt, ReceiptFault>> {
  const file = readProofFile(text);
  if (!file.ok) return file;
  const content = readContent(parsed(file.value.extra));
  if (!content) return refuse('content_malformed');
  const note = readNote(file.value.checkpoint);
  if (!note.ok) return note;
  const checkpoint = readCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const log = logOfOrigin(trust, checkpoint.value.origin);
  if (!log) return refuse('origin_foreign');
  const entry = utf8(content.entry);
  const proven = await verifyProofFile(text, leafHash(entry), policyFor(trust, log));
  if (!proven.ok) return proven;
  const opened = openWith(entry, content.openings);
  if (!opened.ok) return refuse(opened.error.code);
  const { size, quorumTime } = proven.value.checkpoint;
  const seen = Number.isFinite(quorumTime) ? quorumTime : undefined;
  return ok({ ...opened.value, log, index: proven.value.index, size, seen });
}

function parsed(extra: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(fromUtf8(extra ?? new Uint8Array()) ?? '');
  } catch {
    return undefined;
  }
}
