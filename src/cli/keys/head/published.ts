import { ADMIN_API } from '../../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../../flags.ts';
import { callIssuer } from '../../issuer.ts';
import { linesOfKey } from './lists.ts';

export const keysPublished = defineCommand({
  name: 'keys published',
  summary: 'list the keys for receipts and approvals that the feed names',
  description:
    'Lists the keys that the head of the feed names beside the root keys: those of gateways, whose receipts count, and those whose approvals of single calls count.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn keys published'],
  run: async ({ flags }, context) => {
    const receipts = await callIssuer(context, flags, ADMIN_API.keys.listReceiptKeys, {});
    if (!receipts.ok) return receipts;
    const approvers = await callIssuer(context, flags, ADMIN_API.keys.listApproverKeys, {});
    if (!approvers.ok) return approvers;
    const lists = { receipt_keys: receipts.value.keys, approver_keys: approvers.value.keys };
    if (flags.json) {
      context.out(showJson(lists));
      return YES;
    }
    const lines = [
      ...lists.receipt_keys.flatMap((key) => linesOfKey(context, 'receipt', key)),
      ...lists.approver_keys.flatMap((key) => linesOfKey(context, 'approver', key)),
    ];
    context.out(lines.join('\n') || 'the head names no key for receipts or approvals');
    return YES;
  },
});
