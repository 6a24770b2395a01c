/** Receipts at the gateway: it signs them, keeps them, and attaches them to later calls. */
export { attest, isAttested } from './attest.ts';
export { Receipts } from './receipts.ts';
