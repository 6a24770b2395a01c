/** Receipts at the gateway: it signs them, keeps them, and attaches them to later calls. */
export { Receipts } from './receipts.ts';
