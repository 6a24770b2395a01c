import { toSeconds } from '../../../clock.ts';
import { ADMIN_API } from '../../../issuer-api/index.ts';
import { refuse } from '../../../result.ts';
import { defineCommand, readChoice, showJson, YES } from '../../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../../flags.ts';
import { orderIssuer, WAITS_EXIT_CODE } from '../../proposals/order.ts';
import { readTime } from '../../time.ts';
import { KEY_USES, linesOfKey } from './lists.ts';

const PUBLIC_KEY = /^[0-9a-f]{64}$/;

export const keysPublish = defineCommand({
  name: 'keys publish',
  summary: 'let the feed name a key for receipts or approvals',
  operands: 'USE PUBLIC_KEY',
  operandChoices: KEY_USES,
  description: `Adds a key to the head of the feed. receipt: what the gateway of --gateway signs about its answers counts from then on. approver: what the key approves counts, for the datasets of --dataset or for all.

hewn dev, hewn serve and hewn deploy publish the keys that they generate. A gateway signs no receipt before the head names its key.`,
  flags: {
    gateway: {
      kind: 'text',
      value: 'URL',
      description: 'the audience of the gateway that has the private half; for receipt',
    },
    approver: {
      kind: 'text',
      value: 'NAME',
      description: 'for whom it speaks: the URL of the issuer, or an operator; for approver',
    },
    dataset: {
      kind: 'list',
      value: 'DATASET',
      description: 'a dataset whose calls it may approve; by default all; for approver',
    },
    until: {
      kind: 'text',
      value: 'TIME',
      description: 'when it ends: in 30m, 2h or 7d, or 2026-11-23T18:00:00Z; by default never',
    },
    ...REASON_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn keys publish receipt "$KEY" --gateway https://gateway.example --reason "a second one"',
  ],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const [name = '', key = '', ...more] = operands;
    const use = readChoice('USE', name, KEY_USES);
    if (!use.ok) return use;
    if (more.length > 0 || !PUBLIC_KEY.test(key)) {
      return refuse('PUBLIC_KEY must be an Ed25519 key as 64 lower-case hex digits');
    }
    const until = readTime('until', flags.until, context.now(), 'ahead');
    if (!until.ok) return until;
    const facts = {
      public_key: key,
      reason: flags.reason,
      ...(until.value !== undefined && { until: toSeconds(until.value) }),
    };
    const { gateway, approver, dataset = [] } = flags;
    if (use.value === 'receipt') {
      if (gateway === undefined) return refuse('--gateway must name the gateway of the key');
      if (approver !== undefined || dataset.length > 0) {
        return refuse('--approver and --dataset belong to a key for approvals');
      }
      const body = { ...facts, gateway };
      const added = await orderIssuer(context, flags, ADMIN_API.keys.addReceiptKey, { body });
      if (!added.ok) return added.error;
      const lines = linesOfKey(context, 'receipt', added.value.key);
      context.out(flags.json ? showJson(added.value) : lines.join('\n'));
      return YES;
    }
    if (approver === undefined) return refuse('--approver must say for whom the key speaks');
    if (gateway !== undefined) return refuse('--gateway belongs to a key for receipts');
    const body = {
      ...facts,
      approver,
      ...(dataset.length > 0 && { datasets: [...dataset] }),
    };
    const added = await orderIssuer(context, flags, ADMIN_API.keys.addApproverKey, { body });
    if (!added.ok) return added.error;
    const lines = linesOfKey(context, 'approver', added.value.key);
    context.out(flags.json ? showJson(added.value) : lines.join('\n'));
    return YES;
  },
});
