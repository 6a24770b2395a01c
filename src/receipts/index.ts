/** Receipts: what a gateway attests about the values of an answer that it served. */
export { answerData } from './answer-data.ts';
export { fittingLeaves, type KeptReceipt } from './attach.ts';
export { CALL_LEAVES_MAX, CALL_RECEIPTS_MAX } from './bounds.ts';
export { checkReceipts } from './check.ts';
export type { KeptAttachments, ReceiptClient } from './client.ts';
export {
  type IssuedReceipts,
  issueReceipts,
  type ReceiptSigner,
  type ServedAnswer,
} from './issue.ts';
export { keepNewest } from './keep.ts';
export type { KnownNames } from './named.ts';
export {
  ATTACHED_HEADER,
  ATTACHED_META,
  RECEIPTS_META,
  readAttached,
  readAttachedHeader,
  readReceiptsHeader,
  readReceiptsMeta,
  receiptsMeta,
  writeAttachedHeader,
  writeAttachedMeta,
  writeReceiptsHeader,
} from './wire.ts';
