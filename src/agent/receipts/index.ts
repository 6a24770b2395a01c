/** Receipts at the agent: it keeps those of what it has read, and attaches them to later calls. */
export { AgentReceipts } from './agent-receipts.ts';
export { attachReceipts } from './attach.ts';
export { keepReceipts } from './keep.ts';
