import { canonicalJson, isJsonObject } from '../canonical-json.ts';
import type { UnixSeconds } from '../clock.ts';
import { concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../encoding.ts';
import {
  AUDIENCE_BYTES_MAX,
  CALL_DATASETS_MAX,
  KEY_ID_MAX,
  WORKFLOW_ID_BYTES_MAX,
} from '../limits.ts';
import { RECEIPT_CHARACTERS_MAX, RECEIPT_LEAVES_MAX } from './bounds.ts';
import { LEAF_BYTES } from './leaf.ts';

/** What a gateway attests about one answer that it served. */
export interface Receipt {
  readonly v: 1;
  /** The audience of the gateway. */
  readonly gw: string;
  /** The id of its key in the head of the feed. */
  readonly kid: number;
  /** The workflow that read. */
  readonly wf: string;
  readonly tool: string;
  /** The datasets of the call. */
  readonly data: readonly string[];
  /** The salted digest of its arguments, 16 bytes. */
  readonly args: Uint8Array<ArrayBuffer>;
  /** The first 8 bytes of the hash of the catalogue by which it was judged; empty without one. */
  readonly cat: string;
  readonly at: UnixSeconds;
  readonly exp: UnixSeconds;
  /** Whether the request of the user chose the object that was read. */
  readonly named: boolean;
  /** How the catalogue describes the source of the answer. */
  readonly labels: readonly string[];
  /** 16 bytes for each value, in the order of the answer. */
  readonly leaves: readonly Uint8Array<ArrayBuffer>[];
}

/** A receipt as text, taken apart. The signature is not verified yet. */
export interface ReadReceipt {
  readonly receipt: Receipt;
  /** What was signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

const DOMAIN = utf8('hewn receipt\0');
const SIGNATURE_BYTES = 64;
const TOOL_UNITS_MAX = 512;
const DATASET_UNITS_MAX = 1_024;
export const LABELS_MAX = 8;
const LABEL_UNITS_MAX = 64;
const SECONDS_MAX = 2 ** 48 - 1;

/** Returns the bytes that are signed for a receipt, and their part of the text. */
export function receiptPayload({ args, leaves, ...plain }: Receipt): {
  readonly text: string;
  readonly signed: Uint8Array<ArrayBuffer>;
} {
  const { data, labels, ...rest } = plain;
  const json = {
    ...rest,
    data: [...data],
    labels: [...labels],
    args: toBase64Url(args),
    leaves: toBase64Url(concatBytes(...leaves)),
  };
  const payload = utf8(canonicalJson(json));
  return { text: toBase64Url(payload), signed: concatBytes(DOMAIN, payload) };
}

/** Takes a receipt apart. Undefined for a text that no gateway writes. */
export function readReceipt(text: unknown): ReadReceipt | undefined {
  if (typeof text !== 'string' || text.length > RECEIPT_CHARACTERS_MAX) return undefined;
  const [head = '', tail = '', ...more] = text.split('.');
  if (more.length > 0) return undefined;
  const [payload, signature] = [fromBase64Url(head), fromBase64Url(tail)];
  if (!payload || signature?.length !== SIGNATURE_BYTES) return undefined;
  const receipt = readPayload(payload);
  return receipt && { receipt, signed: concatBytes(DOMAIN, payload), signature };
}

const isText = (value: unknown, unitsMax: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= unitsMax;
const isWhole = (value: unknown, minimum: number, maximum: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
const isTexts = (value: unknown, countMax: number, unitsMax: number): value is string[] =>
  Array.isArray(value) && value.length <= countMax && value.every((one) => isText(one, unitsMax));

const FORMS: { readonly [Name in keyof Receipt]: (value: unknown) => boolean } = {
  v: (value) => value === 1,
  gw: (value) => isText(value, AUDIENCE_BYTES_MAX),
  kid: (value) => isWhole(value, 1, KEY_ID_MAX),
  wf: (value) => isText(value, WORKFLOW_ID_BYTES_MAX),
  tool: (value) => isText(value, TOOL_UNITS_MAX),
  data: (value) => isTexts(value, CALL_DATASETS_MAX, DATASET_UNITS_MAX),
  args: (value) => typeof value === 'string' && fromBase64Url(value)?.length === LEAF_BYTES,
  cat: (value) => typeof value === 'string' && /^(?:[0-9a-f]{16})?$/.test(value),
  at: (value) => isWhole(value, 0, SECONDS_MAX),
  exp: (value) => isWhole(value, 0, SECONDS_MAX),
  named: (value) => typeof value === 'boolean',
  labels: (value) => isTexts(value, LABELS_MAX, LABEL_UNITS_MAX),
  leaves: (value) => typeof value === 'string' && leavesOf(value) !== undefined,
};

const MEMBERS = Object.keys(FORMS) as readonly (keyof Receipt)[];

/** Accepts the one spelling that a gateway writes: an unknown member is another version. */
function readPayload(payload: Uint8Array<ArrayBuffer>): Receipt | undefined {
  const text = fromUtf8(payload);
  const value = text === undefined ? undefined : parse(text);
  if (!isJsonObject(value) || Object.keys(value).length !== MEMBERS.length) return undefined;
  const isReceipt = MEMBERS.every((name) => Object.hasOwn(value, name) && FORMS[name](value[name]));
  if (!isReceipt || canonicalJson(value) !== text) return undefined;
  return {
    ...(value as unknown as Receipt),
    args: fromBase64Url(String(value.args)) ?? new Uint8Array(),
    leaves: leavesOf(String(value.leaves)) ?? [],
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function leavesOf(text: string): readonly Uint8Array<ArrayBuffer>[] | undefined {
  if (text.length > 2 * RECEIPT_LEAVES_MAX * LEAF_BYTES) return undefined;
  const bytes = fromBase64Url(text);
  if (!bytes || bytes.length === 0 || bytes.length % LEAF_BYTES !== 0) return undefined;
  const count = bytes.length / LEAF_BYTES;
  if (count > RECEIPT_LEAVES_MAX) return undefined;
  return Array.from({ length: count }, (_, index) =>
    bytes.slice(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
  );
}
