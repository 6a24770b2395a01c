import type { ApproverKey, HeadKeyList, ReceiptKey } from '../../../../src/feed/index.ts';
import { ADMIN_API, type Refusal } from '../../../../src/issuer-api/index.ts';
import { ok, type Result, refuse } from '../../../../src/result.ts';
import type { AdminContext } from '../../platform/admin-context.ts';
import { bindAdmin } from '../../platform/admin-router.ts';
import { revocationLog } from '../../platform/env.ts';
import type { KeyReceipt } from './receipt.ts';
import type { KeyDraft } from './state.ts';

/** The head of shard 0 names the keys. */
const SHARD = 0;

export const keyRoutes = bindAdmin(ADMIN_API.keys, {
  listReceiptKeys: async (_input, { env }) =>
    ok({ keys: (await revocationLog(env, SHARD).headKeys()).receipt_keys }),

  addReceiptKey: async ({ body: { reason, until = null, ...key } }, context) =>
    add<ReceiptKey>({ list: 'receipt_keys', ...key, until }, reason, context),

  removeReceiptKey: async ({ params: { id }, body: { reason } }, context) =>
    remove<ReceiptKey>('receipt_keys', Number(id), reason, context),

  listApproverKeys: async (_input, { env }) =>
    ok({ keys: (await revocationLog(env, SHARD).headKeys()).approver_keys }),

  addApproverKey: async ({ body: { reason, until = null, datasets = null, ...key } }, context) =>
    add<ApproverKey>({ list: 'approver_keys', ...key, until, datasets }, reason, context),

  removeApproverKey: async ({ params: { id }, body: { reason } }, context) =>
    remove<ApproverKey>('approver_keys', Number(id), reason, context),
});

type Changed<Key> = KeyReceipt & { readonly key: Key };

async function add<Key extends ReceiptKey | ApproverKey>(
  draft: KeyDraft,
  reason: string,
  { env, actor, via }: AdminContext,
): Promise<
  Result<Changed<Key>, Refusal<'keys_full' | 'key_removed' | 'key_conflict' | 'audit_unavailable'>>
> {
  const added = await revocationLog(env, SHARD).addKey(draft, { actor, via, reason });
  // The list of the draft says which of the two kinds the key has.
  if (added.ok) return ok(added.value as Changed<Key>);
  const { code } = added.error;
  return code === 'audit_unavailable'
    ? refuse({ code, message: 'Not added: the audit log did not answer, and it records first.' })
    : refuse({ code });
}

async function remove<Key extends ReceiptKey | ApproverKey>(
  list: HeadKeyList,
  id: number,
  reason: string,
  { env, actor, via }: AdminContext,
): Promise<Result<Changed<Key>, Refusal<'key_unknown'>>> {
  const removed = await revocationLog(env, SHARD).removeKey(list, id, { actor, via, reason });
  return removed.ok ? ok(removed.value as Changed<Key>) : removed;
}
