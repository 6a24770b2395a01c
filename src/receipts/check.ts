import type { Catalogue } from '../catalogue/index.ts';
import type { UnixSeconds } from '../clock.ts';
import { fromBase64Url, sameBytes, utf8 } from '../encoding.ts';
import type { ReceiptKey } from '../feed/index.ts';
import { importPublicKey } from '../import-public-key.ts';
import {
  type AttachedLeaf,
  type AttestedValue,
  fieldOrigins,
  type IgnoredPart,
} from '../provenance/index.ts';
import {
  CALL_BYTES_MAX,
  CALL_LEAVES_MAX,
  CALL_RECEIPTS_MAX,
  LEAF_POINTER_UNITS_MAX,
  LEAF_TEXT_BYTES_MAX,
  RECEIPT_AHEAD_SECONDS_MAX,
} from './bounds.ts';
import { type ReadReceipt, type Receipt, readReceipt } from './format.ts';
import { LEAF_BYTES, leafOf } from './leaf.ts';
import { markAt } from './marked-values.ts';

/** What a verifier knows when it checks receipts. */
export interface ReceiptContext {
  /** The keys that the trusted head names. */
  readonly keys: readonly ReceiptKey[];
  /** The workflow of the token. */
  readonly workflow: string;
  /** The verifier's own catalogue. Without it, no mark counts. */
  readonly catalogue: Catalogue | undefined;
  readonly now: UnixSeconds;
}

/** Why something that was attached does not count. */
export type ReceiptFault =
  | 'too_many'
  | 'malformed'
  | 'key_unknown'
  | 'key_ended'
  | 'other_workflow'
  | 'not_yet'
  | 'expired'
  | 'signature'
  | 'not_in_receipt'
  | 'unmarked';

/** The leaves that count, and those that do not. */
export interface CheckedReceipts {
  readonly values: readonly AttestedValue[];
  readonly ignored: readonly (IgnoredPart & { readonly why: ReceiptFault })[];
  /** The labels of the receipts that count. */
  readonly labels: readonly string[];
}

/**
 * Checks leaves that a call brings. The bounds come before any signature. What fails is ignored
 * and named: a receipt can only add an origin to a value.
 *
 * The mark of a value is looked up in the verifier's own catalogue, so a mark that was withdrawn
 * stops counting.
 */
export async function checkReceipts(
  leaves: readonly unknown[],
  context: ReceiptContext,
): Promise<CheckedReceipts> {
  const read = readLeaves(leaves);
  if (!read) return { values: [], labels: [], ignored: [{ part: 'leaves', why: 'too_many' }] };
  const values: AttestedValue[] = [];
  const ignored: { part: string; why: ReceiptFault }[] = [];
  const labels = new Set<string>();
  const receipts = new Map<string, Promise<Receipt | ReceiptFault>>();
  const all = await Promise.all(
    read.map((leaf) => (leaf ? checkLeaf(leaf, context, receipts) : 'malformed')),
  );
  for (const [index, checked] of all.entries()) {
    if (typeof checked === 'string') {
      ignored.push({ part: `leaf ${index}`, why: checked });
      continue;
    }
    values.push(checked.value);
    for (const label of checked.labels) labels.add(label);
  }
  return { values, ignored, labels: [...labels] };
}

/**
 * Returns the leaves, with undefined for a malformed one. Returns undefined if there are too many.
 */
function readLeaves(leaves: readonly unknown[]): readonly (AttachedLeaf | undefined)[] | undefined {
  if (leaves.length > CALL_LEAVES_MAX) return undefined;
  const read = leaves.map((leaf) => (isLeaf(leaf) ? leaf : undefined));
  const receipts = new Set(read.map((leaf) => leaf?.receipt ?? ''));
  if (receipts.size > CALL_RECEIPTS_MAX) return undefined;
  // A receipt that several leaves share is sent and checked once.
  const own = read.reduce((sum, leaf) => sum + sizeOf(leaf), 0);
  const bytes = [...receipts].reduce((sum, receipt) => sum + receipt.length, own);
  return bytes <= CALL_BYTES_MAX ? read : undefined;
}

const sizeOf = (leaf: AttachedLeaf | undefined): number =>
  leaf ? leaf.pointer.length + String(leaf.value).length + leaf.salt.length : 0;

function isLeaf(leaf: unknown): leaf is AttachedLeaf {
  if (typeof leaf !== 'object' || leaf === null) return false;
  const { receipt, index, pointer, value, salt } = leaf as Partial<AttachedLeaf>;
  return (
    typeof receipt === 'string' &&
    Number.isSafeInteger(index) &&
    typeof pointer === 'string' &&
    pointer.length <= LEAF_POINTER_UNITS_MAX &&
    pointer.isWellFormed() &&
    isValue(value) &&
    typeof salt === 'string' &&
    salt.length <= 2 * LEAF_BYTES
  );
}

const isValue = (value: unknown): value is string | number =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'string' &&
      value.length <= LEAF_TEXT_BYTES_MAX &&
      value.isWellFormed() &&
      utf8(value).length <= LEAF_TEXT_BYTES_MAX;

async function checkLeaf(
  leaf: AttachedLeaf,
  context: ReceiptContext,
  receipts: Map<string, Promise<Receipt | ReceiptFault>>,
): Promise<{ value: AttestedValue; labels: readonly string[] } | ReceiptFault> {
  const checking = receipts.get(leaf.receipt) ?? checkReceipt(leaf.receipt, context);
  receipts.set(leaf.receipt, checking);
  const receipt = await checking;
  if (typeof receipt === 'string') return receipt;
  const salt = fromBase64Url(leaf.salt);
  const listed = receipt.leaves[leaf.index];
  if (salt?.length !== LEAF_BYTES || !listed) return 'not_in_receipt';
  if (!sameBytes(await leafOf(leaf, salt), listed)) return 'not_in_receipt';
  const { tool, data, named, labels } = receipt;
  const mark = markAt(context.catalogue?.get(tool)?.field ?? [], leaf.pointer);
  if (!mark) return 'unmarked';
  const { pointer, kind, by } = mark;
  const sources = fieldOrigins({ tool, pointer, kind, by, datasets: data, named });
  return { value: { value: leaf.value, sources }, labels };
}

/** Checks a receipt. The signature comes last, because it costs most. */
async function checkReceipt(
  text: string,
  { keys, workflow, now }: ReceiptContext,
): Promise<Receipt | ReceiptFault> {
  const read = readReceipt(text);
  if (!read) return 'malformed';
  const { receipt } = read;
  const key = keys.find(({ id, gateway }) => id === receipt.kid && gateway === receipt.gw);
  if (!key) return 'key_unknown';
  if (key.until !== null && key.until <= now) return 'key_ended';
  if (receipt.wf !== workflow) return 'other_workflow';
  if (receipt.at > now + RECEIPT_AHEAD_SECONDS_MAX) return 'not_yet';
  if (receipt.exp <= now) return 'expired';
  return (await isSigned(text, read, key.public_key)) ? receipt : 'signature';
}

/** Texts of receipts with a valid signature, by the key, the last one at the end. */
const verified = new Set<string>();
const VERIFIED_MAX = 256; // At most 8 KiB each, and 1 in the median.

/** A signature is verified once an isolate. */
async function isSigned(text: string, read: ReadReceipt, publicKey: string): Promise<boolean> {
  const known = `${publicKey} ${text}`;
  if (verified.has(known)) return true;
  try {
    const key = await importPublicKey(publicKey);
    if (!(await crypto.subtle.verify('Ed25519', key, read.signature, read.signed))) return false;
  } catch {
    return false;
  }
  verified.add(known);
  for (const oldest of verified) {
    if (verified.size <= VERIFIED_MAX) break;
    verified.delete(oldest);
  }
  return true;
}
