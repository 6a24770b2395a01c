import type { AttachedPrompt } from '../provenance/index.ts';
import type { KeptReceipt } from './attach.ts';

/** What the object of a workflow keeps for the gateways that serve it. */
export interface KeptAttachments {
  /** The request of the user. It is absent if the workflow began without one. */
  readonly prompt?: AttachedPrompt;
  /** The oldest first. */
  readonly receipts: readonly KeptReceipt[];
}

/** Reaches the object of a workflow. */
export interface ReceiptClient {
  /**
   * Keeps the newest receipts, and returns everything that is kept. An object whose workflow has
   * ended keeps none.
   */
  attachments(workflow: string, added: readonly KeptReceipt[]): Promise<KeptAttachments>;
}
