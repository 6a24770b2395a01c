/**
 * Proofs for an auditor who trusts no one: receipts of single records, and exports that show what
 * was removed, changed, reordered, truncated or forked. Needs public keys, and no network.
 */
export { hashesAsText } from './content.ts';
export { formatReceipt, verifyReceipt } from './receipt.ts';
export { logOfOrigin, policyFor, readTrust, type Trust } from './trust.ts';
export { type ExportFault, ExportVerifier } from './verify-export.ts';
