import { fromHex, utf8 } from '../../encoding.ts';
import { WORKFLOW_ID_BYTES_MAX } from '../../limits.ts';
import { FEED_BLOCK_ID_BYTES_MAX } from './id-bytes.ts';
import { uint48 } from './shape.ts';
import { isWatermark, type Watermark } from './watermark.ts';

/**
 * `expires` of what holds until an entry ends it. As large as six bytes can say, so that a reader
 * from before denials keeps what it takes for a watermark, and never forgets it too early.
 */
export const NEVER_EXPIRES = 2 ** 48 - 1;

/** `before` of an entry that takes something back: no token was issued before 1970. */
export const BEFORE_NOTHING = 1;

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
 * Frees the place of the watermarks of one scope and value that come before it. The log appends one
 * only where no living token could be hit by them, so a replica has nothing to undo.
 */
export interface WithdrawalEntry extends EntryPosition, Pick<Watermark, 'scope' | 'value'> {
  readonly kind: 'withdrawal';
}

/**
 * An operator denies a scope from here on. At the issuer nothing is minted for it; at a verifier a
 * denied tool is refused call by call (the head lists those). A reader from before denials takes it
 * for a watermark: it stops each token of the scope that was issued before the denial, whole.
 */
export interface DenialEntry extends EntryPosition, Watermark {
  readonly kind: 'denial';
}

/** Ends the denial of one scope and value. What its watermark has stopped stays stopped. */
export interface LiftEntry extends EntryPosition, Pick<Watermark, 'scope' | 'value'> {
  readonly kind: 'lift';
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
  | WatermarkEntry
  | WithdrawalEntry
  | DenialEntry
  | LiftEntry;

/** What is said of everything in a scope. */
export type ScopedEntry = WatermarkEntry | WithdrawalEntry | DenialEntry | LiftEntry;

/** Whether an entry can be written: `encodeEntry` throws for what this refuses. */
export function isEntry(entry: FeedEntry): boolean {
  const { seq, at, expires } = entry;
  if (!isPositive(seq) || !isTime(at) || !isTime(expires)) return false;
  switch (entry.kind) {
    case 'watermark':
    case 'denial':
    case 'withdrawal':
    case 'lift':
      return isScoped(entry);
    case 'block':
      return isLength(fromHex(entry.id)?.length, FEED_BLOCK_ID_BYTES_MAX);
    case 'resumption':
      return isWorkflowId(entry.id) && isPositive(entry.gen);
    case 'workflow':
    case 'suspension':
      return isWorkflowId(entry.id);
  }
}

/** The four kinds share one form of record: two members say which of them it is. */
function isScoped(entry: ScopedEntry): boolean {
  const { scope, value, expires } = entry;
  const isLasting = entry.kind === 'denial' || entry.kind === 'lift';
  const isStop = entry.kind === 'watermark' || entry.kind === 'denial';
  const before = isStop ? entry.before : BEFORE_NOTHING;
  return (
    isWatermark({ scope, value, before }) &&
    isStop === before > BEFORE_NOTHING &&
    isLasting === (expires === NEVER_EXPIRES)
  );
}

const isPositive = uint48(1);
const isTime = uint48(0);

const isWorkflowId = (id: string): boolean =>
  // A lone surrogate has no UTF-8, so no record: two ids would share one.
  id.isWellFormed() && isLength(utf8(id).length, WORKFLOW_ID_BYTES_MAX);

const isLength = (length: number | undefined, max: number): boolean =>
  length !== undefined && length > 0 && length <= max;
