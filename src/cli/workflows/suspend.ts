import { defineCommand } from '../command.ts';
import { MANY_FLAGS, MANY_HELP, moveMany, readSelector } from './many.ts';
import { MOVE_FLAGS, moveWorkflow } from './move.ts';

export const workflowsSuspend = defineCommand({
  name: 'workflows suspend',
  summary: 'stop workflows until they are resumed',
  operands: '[ID]',
  description: `Suspends a workflow and everything below it. No token is minted for it, and verifiers deny its tokens, each within the bound of its tier. It can be resumed, or revoked permanently.

${MANY_HELP}`,
  flags: { ...MANY_FLAGS, ...MOVE_FLAGS },
  examples: [
    'hewn workflows suspend wf_7Qx... --reason "asking its owner first"',
    'hewn workflows suspend --owner team:growth --show denied --dry-run --reason "a bad prompt"',
    'hewn workflows suspend --tool mcp/files/write_file --reason "a bad prompt" --yes',
  ],
  exitCodes: { 1: 'no workflow matches, or the answer was no' },
  run: async (input, context) => {
    const selector = readSelector(input, context);
    if (!selector.ok) return selector;
    return selector.value === undefined
      ? moveWorkflow(input, context, 'suspendWorkflow')
      : moveMany(context, input, 'suspend', selector.value);
  },
});
