import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../encoding.ts';
import { valueAt } from '../json-pointer.ts';
import type { Attached, AttachedLeaf } from '../provenance/index.ts';
import type { KeptReceipt } from './attach.ts';
import {
  ANSWER_RECEIPTS_MAX,
  CALL_BYTES_MAX,
  HEADER_BYTES_MAX,
  RECEIPT_LEAVES_MAX,
} from './bounds.ts';
import { readReceipt } from './format.ts';
import type { LeafValue } from './leaf.ts';

/** In `_meta` of the result of a tool: its receipts. */
export const RECEIPTS_META = 'hewn.dev/receipts';
/** In `_meta` of the parameters of a call: what attests its arguments. */
export const ATTACHED_META = 'hewn.dev/attached';
/**
 * The header of a request without MCP, with what attests its values, and of its answer, with its
 * receipts: the same as in `_meta`, as base64url of JSON.
 */
export const ATTACHED_HEADER = 'Hewn-Receipts';

/** Returns the member of `_meta` that carries the receipts of an answer. */
export const receiptsMeta = (receipts: readonly KeptReceipt[]): Json =>
  receipts.map(({ receipt, seed, leaves }) => ({
    receipt,
    seed,
    leaves: leaves.map(({ pointer }) => pointer),
  }));

/**
 * Returns the receipts of an answer for their holder, with the values that stand in its data.
 * Nothing is verified: a verifier does that when a call brings them. Those of another workflow
 * would count for no call of this one.
 */
export function readReceiptsMeta(
  meta: unknown,
  data: Json,
  workflow: string,
): readonly KeptReceipt[] {
  if (!Array.isArray(meta) || meta.length > ANSWER_RECEIPTS_MAX) return [];
  return meta.flatMap((one: Json) => {
    if (!isJsonObject(one)) return [];
    const { receipt, seed, leaves: pointers } = one;
    const read = readReceipt(receipt);
    if (!read || typeof seed !== 'string' || !isPointers(pointers)) return [];
    if (read.receipt.wf !== workflow) return [];
    const leaves = pointers.flatMap((pointer): LeafValue[] => {
      const value = valueAt(data, pointer);
      return typeof value === 'string' || typeof value === 'number' ? [{ pointer, value }] : [];
    });
    if (leaves.length < pointers.length) return [];
    const { exp, named } = read.receipt;
    return [{ receipt: String(receipt), seed, leaves, exp, named }];
  });
}

const isPointers = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) &&
  value.length <= RECEIPT_LEAVES_MAX &&
  value.every((one) => typeof one === 'string');

/**
 * Writes the header of an answer: with its first receipts, as many as fit. Returns undefined if
 * none does. The gateway carries the others itself.
 */
export function writeReceiptsHeader(receipts: readonly KeptReceipt[]): string | undefined {
  for (let count = receipts.length; count > 0; count -= 1) {
    const text = headerOf(receiptsMeta(receipts.slice(0, count)));
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Returns the receipts in the header of an answer, as `readReceiptsMeta` does. */
export const readReceiptsHeader = (
  text: string,
  data: Json,
  workflow: string,
): readonly KeptReceipt[] => readReceiptsMeta(jsonOf(text), data, workflow);

/**
 * Writes what a call brings. A receipt that several leaves share is written once: `receipts` lists
 * them, and a leaf is `[receipt, index, pointer, value, salt]`.
 */
function writeAttached({ prompt, leaves = [] }: Attached): JsonObject {
  const receipts = [...new Set(leaves.map(({ receipt }) => receipt))];
  const listed = leaves.map(({ receipt, index, pointer, value, salt }) => [
    ...[receipts.indexOf(receipt), index, pointer, value, salt],
  ]);
  return {
    ...(prompt && { prompt: { text: prompt.text, salt: prompt.salt } }),
    ...(listed.length > 0 && { receipts, leaves: listed }),
  };
}

/**
 * Reads what a call brings. Returns undefined for anything else. The forms of its parts are checked
 * where they are used.
 */
export function readAttached(value: unknown): Attached | undefined {
  if (!isJsonObject(value) || sizeOf(value) > CALL_BYTES_MAX) return undefined;
  const { prompt, receipts = [], leaves = [], ...unknown } = value;
  if (Object.keys(unknown).length > 0) return undefined;
  if (!Array.isArray(receipts) || !Array.isArray(leaves)) return undefined;
  const read = leaves.map((leaf) => readLeaf(leaf as Json, receipts as readonly Json[]));
  if (read.some((leaf) => leaf === undefined)) return undefined;
  return {
    ...(isJsonObject(prompt) && { prompt: prompt as unknown as NonNullable<Attached['prompt']> }),
    ...(read.length > 0 && { leaves: read as readonly AttachedLeaf[] }),
  };
}

function readLeaf(leaf: Json, receipts: readonly Json[]): AttachedLeaf | undefined {
  if (!Array.isArray(leaf) || leaf.length !== 5) return undefined;
  const [at, index, pointer, value, salt] = leaf as readonly Json[];
  const receipt = typeof at === 'number' ? receipts[at] : undefined;
  if (typeof receipt !== 'string') return undefined;
  return { receipt, index, pointer, value, salt } as unknown as AttachedLeaf;
}

function sizeOf(value: JsonObject): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Writes the member of `_meta` that a call brings, with as many leaves as may come with one call.
 * Returns undefined if none may: the value is then looked for elsewhere.
 */
export const writeAttachedMeta = (attached: Attached): JsonObject | undefined =>
  withinBound(attached, (some) => {
    const written = writeAttached(some);
    return sizeOf(written) <= CALL_BYTES_MAX ? written : undefined;
  });

/** Writes the header, as `writeAttachedMeta` does the member. */
export const writeAttachedHeader = (attached: Attached): string | undefined =>
  withinBound(attached, (some) => headerOf(writeAttached(some)));

/** Returns JSON as the value of a header. Returns undefined if it is too long. */
function headerOf(json: Json): string | undefined {
  const text = toBase64Url(utf8(JSON.stringify(json)));
  return text.length <= HEADER_BYTES_MAX ? text : undefined;
}

/** Leaves out the last leaf until what is written is short enough. */
function withinBound<Written>(
  { leaves = [], ...others }: Attached,
  write: (attached: Attached) => Written | undefined,
): Written | undefined {
  for (let count = leaves.length; count > 0; count -= 1) {
    const written = write({ ...others, leaves: leaves.slice(0, count) });
    if (written !== undefined) return written;
  }
  return undefined;
}

/** Reads the header. Returns undefined for anything that no agent of ours writes. */
export const readAttachedHeader = (text: string | null): Attached | undefined =>
  text === null ? undefined : readAttached(jsonOf(text));

/** Returns the JSON in a header. Returns undefined for anything that `headerOf` does not write. */
function jsonOf(text: string): unknown {
  if (text.length > HEADER_BYTES_MAX) return undefined;
  const bytes = fromBase64Url(text);
  const json = bytes && fromUtf8(bytes);
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
