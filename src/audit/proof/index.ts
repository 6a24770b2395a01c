/**
 * Proofs for an auditor who trusts no one: receipts of single records, and exports that show what
 * was removed, changed, reordered, truncated or forked. Needs public keys, and no network.
 */
export { type ExportLine, hashesAsText, type RecordLine, readExportLine } from './content.ts';
export {
  formatReceipt,
  type ProvenRecord,
  type ReceiptFault,
  type VerifiedReceipt,
  verifyReceipt,
} from './receipt.ts';
export { logOfOrigin, policyFor, readTrust, type Trust, type TrustFault } from './trust.ts';
export { type ExportFault, type ExportReport, ExportVerifier } from './verify-export.ts';
