import { defineCommand } from '../command.ts';
import { MOVE_FLAGS, moveWorkflow } from './move.ts';

export const workflowsSuspend = defineCommand({
  name: 'workflows suspend',
  summary: 'stop a workflow until it is resumed',
  operands: 'ID',
  description:
    'Suspends a workflow and everything below it. No token is minted for it, and verifiers deny its tokens, each within the bound of its tier. It can be resumed, or revoked permanently.',
  flags: MOVE_FLAGS,
  examples: ['hewn workflows suspend wf_7Qx... --reason "asking its owner first"'],
  run: (input, context) => moveWorkflow(input, context, 'suspendWorkflow'),
});
