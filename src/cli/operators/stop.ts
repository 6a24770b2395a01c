import { ADMIN_API, OPERATOR_CAPABILITY_ID, REVOCATION_ID } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';

const { stopCapability } = ADMIN_API.capabilities;

export const operatorsStop = defineCommand({
  name: 'operators stop',
  summary: 'stop an operator capability, or what was narrowed from one of its blocks',
  operands: 'ID',
  description:
    'Stops an operator capability with whatever was narrowed from it. With --block, only what was narrowed from this block ends: the records of its orders list the blocks. Its maker may stop it, and anyone with the permission end-session for everything. It is in force when the command ends.',
  flags: {
    block: {
      kind: 'text',
      value: 'BLOCK',
      description: 'the revocation id of one of its blocks, as hewn token inspect shows it',
    },
    ...REASON_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn operators stop opc_x7Qh... --reason "the shift is over"'],
  run: async ({ flags, operands }, context) => {
    const [id, ...more] = operands;
    if (id === undefined || more.length > 0 || !OPERATOR_CAPABILITY_ID.test(id)) {
      return refuse('name one operator capability by its ID: hewn operators list shows it');
    }
    const { block, reason } = flags;
    if (block !== undefined && !REVOCATION_ID.test(block)) {
      return refuse('--block must be a revocation id: 128 lower-case hex digits');
    }
    const body = { reason, ...(block !== undefined && { block }) };
    const stopped = await callIssuer(context, flags, stopCapability, { params: { id }, body });
    if (!stopped.ok) return stopped;
    const text = `${id}  ${stopped.value.stopped ? 'stopped' : 'was stopped before'}`;
    context.out(flags.json ? showAnswer(stopCapability, stopped.value) : text);
    return YES;
  },
});
