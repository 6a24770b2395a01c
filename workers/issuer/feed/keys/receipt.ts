import type { OrderVia } from '../../../../src/audit/index.ts';
import type { ApproverKey, ReceiptKey } from '../../../../src/feed/index.ts';
import type { Result } from '../../../../src/result.ts';
import type { AddKeyRefusal } from './state.ts';

/** Who orders a change, and why. */
export interface KeyOrderer {
  readonly actor: string;
  readonly via?: OrderVia;
  readonly reason: string;
}

/** A key after an order. */
export interface KeyReceipt {
  readonly key: ReceiptKey | ApproverKey;
  /** False if the list had it like this before. */
  readonly changed: boolean;
  /** Whether the archive has it: the change then survives a restore of the log. */
  readonly archived: boolean;
  /** Whether the audit log has the record yet. */
  readonly recorded: boolean;
}

export type KeyAdded = Result<
  KeyReceipt,
  /** A key grants power, so it is recorded first, and the audit log does not answer. */
  AddKeyRefusal | { readonly code: 'audit_unavailable' }
>;
export type KeyRemoved = Result<KeyReceipt, { readonly code: 'key_unknown' }>;
