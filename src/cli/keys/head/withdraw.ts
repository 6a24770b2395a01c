import { refuse } from '../../../result.ts';
import { defineCommand, readChoice, showJson, YES } from '../../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../../flags.ts';
import { callIssuer } from '../../issuer.ts';
import { readKeyId } from '../id.ts';
import { KEY_ROUTES_BY_USE, KEY_USES } from './lists.ts';

export const keysWithdraw = defineCommand({
  name: 'keys withdraw',
  summary: 'take a key for receipts or approvals out of the feed',
  operands: 'USE ID',
  operandChoices: KEY_USES,
  description:
    'Removes a key from the head of the feed: from the next head on, no verifier counts what it has signed. It takes effect before it is recorded, needs no second person, and the key cannot be published again. Give the gateway a new one: delete its RECEIPT_KEY from .hewn/<environment>/secrets.json, and deploy.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn keys withdraw receipt 1 --reason "the host of the gateway was broken into"'],
  run: async ({ flags, operands }, context) => {
    const [name = '', ...rest] = operands;
    const use = readChoice('USE', name, KEY_USES);
    if (!use.ok) return use;
    const id = readKeyId(rest);
    if (!id.ok) return id;
    if (id.value === undefined)
      return refuse('name the key by its ID: hewn keys published shows it');
    const call = { params: { id: String(id.value) }, body: { reason: flags.reason } };
    const removed = await callIssuer(context, flags, KEY_ROUTES_BY_USE[use.value].remove, call);
    if (!removed.ok) return removed;
    context.out(
      flags.json ? showJson(removed.value) : `${use.value} ${removed.value.key.id}: withdrawn`,
    );
    return YES;
  },
});
