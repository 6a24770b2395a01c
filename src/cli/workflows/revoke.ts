import { ADMIN_API, REVOCATION_ID } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer } from '../command.ts';
import { effectAnswer, effectLines, readWait } from '../effect.ts';
import {
  EVEN_UNKNOWN_FLAG,
  ISSUER_FLAGS,
  JSON_FLAG,
  STOP_EXIT_CODES,
  STOP_FLAGS,
} from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { readWorkflowId } from './id.ts';
import { MANY_FLAGS, MANY_HELP, moveMany, readSelector } from './many.ts';

const { revokeWorkflow, revokeBlock } = ADMIN_API.workflows;

export const workflowsRevoke = defineCommand({
  name: 'workflows revoke',
  summary: 'stop workflows, or one token of one, permanently',
  operands: '[ID]',
  description: `Revokes a workflow permanently: no token is minted for it, and its existing tokens are denied. With --block, revokes one block of its tokens and everything narrowed from it, and the workflow continues.

${MANY_HELP}

Prints by when each tier denies at the latest, and which verifiers have the revocation. An unknown ID is refused, so that typos are noticed; --even-unknown revokes it anyway.`,
  flags: {
    ...MANY_FLAGS,
    ...STOP_FLAGS,
    block: {
      kind: 'text',
      value: 'BLOCK',
      description: 'revoke this block of a token: 128 hex digits, from the audit trail',
    },
    ...EVEN_UNKNOWN_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn workflows revoke wf_7Qx... --reason "it reads what it should not" --wait 5',
    'hewn workflows revoke --agent https://idp.example#report-agent --reason "it was taken over"',
    'hewn workflows revoke wf_7Qx... --block 4f0a... --reason "this token was in a bug report"',
  ],
  exitCodes: {
    ...STOP_EXIT_CODES,
    1: `${STOP_EXIT_CODES[1]}; with filters: no workflow matches, or the answer was no`,
    2: 'failed, or accepted but not in force yet',
  },
  run: async (input, context) => {
    const { flags, operands } = input;
    const selector = readSelector(input, context);
    if (!selector.ok) return selector;
    if (selector.value !== undefined) {
      const other = (['block', 'wait', 'even-unknown'] as const).find((name) => flags[name]);
      if (other) return refuse(`--${other} is for one ID`);
      return moveMany(context, input, 'revoke', selector.value);
    }
    const id = readWorkflowId(operands);
    if (!id.ok) return id;
    const { block, reason } = flags;
    if (block !== undefined && !REVOCATION_ID.test(block)) {
      return refuse('--block must be a revocation id of the audit trail: 128 hex digits');
    }
    const query = readWait(flags.wait);
    if (!query.ok) return query;
    const body = { reason, ...(flags['even-unknown'] && { even_unknown: true as const }) };
    const order = { query: query.value, body };
    const revoked =
      block === undefined
        ? await callIssuer(context, flags, revokeWorkflow, { params: { id: id.value }, ...order })
        : await callIssuer(context, flags, revokeBlock, {
            params: { id: id.value, block },
            ...order,
          });
    if (!revoked.ok) return revoked;
    const { workflow: _, ...effect } = revoked.value;
    const lines = [`${id.value}  revoked`, ...effectLines(context, effect)];
    context.out(flags.json ? showAnswer(revokeWorkflow, revoked.value) : lines.join('\n'));
    return effectAnswer(effect, query.value);
  },
});
