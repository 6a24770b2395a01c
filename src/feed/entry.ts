import { fromHex, utf8 } from '../encoding.ts';
import { FEED_BLOCK_ID_BYTES_MAX, WORKFLOW_ID_BYTES_MAX } from '../limits.ts';
import { uint48 } from './shape.ts';
import { isWatermark, type Watermark } from './watermark.ts';

interface EntryPosition {
  /** 1 for the first of the log; without gaps, and never used twice, also across epochs. */
  readonly seq: number;
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds after which no token that it could hit is alive; nobody keeps it longer. */
  readonly expires: number;
}

/** Everything of a workflow, its children with it (their tokens name it as an ancestor). */
export interface WorkflowEntry extends EntryPosition {
  readonly kind: 'workflow';
  readonly id: string;
}

/** One block and all that was narrowed from it; `id` is its revocation id in lower-case hex. */
export interface BlockEntry extends EntryPosition {
  readonly kind: 'block';
  readonly id: string;
}

/** Stops a workflow and its children for as long as no resumption follows. */
export interface SuspensionEntry extends EntryPosition {
  readonly kind: 'suspension';
  readonly id: string;
}

/**
 * Ends a suspension. The workflow's own tokens of a smaller `gen` stay dead, so what a suspended
 * agent still holds never works again. It expires no earlier than the suspension that it ends: who
 * learns of one must learn of the other.
 */
export interface ResumptionEntry extends EntryPosition {
  readonly kind: 'resumption';
  readonly id: string;
  readonly gen: number;
}

/** Everything of a scope that was issued before a time. */
export interface WatermarkEntry extends EntryPosition, Watermark {
  readonly kind: 'watermark';
}

/**
 * One line of the revocation log. What `workflow`, `block` and `watermark` stop stays stopped: no
 * entry undoes them.
 */
export type FeedEntry =
  | WorkflowEntry
  | BlockEntry
  | SuspensionEntry
  | ResumptionEntry
  | WatermarkEntry;

/** Whether an entry can be written: `encodeEntry` throws for what this refuses. */
export function isEntry(entry: FeedEntry): boolean {
  const { seq, at, expires } = entry;
  if (!isPositive(seq) || !isTime(at) || !isTime(expires)) return false;
  switch (entry.kind) {
    case 'watermark':
      return isWatermark(entry);
    case 'block':
      return isLength(fromHex(entry.id)?.length, FEED_BLOCK_ID_BYTES_MAX);
    case 'resumption':
      return isWorkflowId(entry.id) && isPositive(entry.gen);
    default:
      return isWorkflowId(entry.id);
  }
}

const isPositive = uint48(1);
const isTime = uint48(0);

const isWorkflowId = (id: string): boolean =>
  // A lone surrogate has no UTF-8, so no record: two ids would share one.
  id.isWellFormed() && isLength(utf8(id).length, WORKFLOW_ID_BYTES_MAX);

const isLength = (length: number | undefined, max: number): boolean =>
  length !== undefined && length > 0 && length <= max;
