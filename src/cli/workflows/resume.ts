import { defineCommand } from '../command.ts';
import { WAITS_EXIT_CODE } from '../proposals/order.ts';
import { MANY_FLAGS, MANY_HELP, moveMany, readSelector } from './many.ts';
import { MOVE_FLAGS, moveWorkflow } from './move.ts';

export const workflowsResume = defineCommand({
  name: 'workflows resume',
  summary: 'resume suspended workflows',
  operands: '[ID]',
  description: `Resumes a workflow, and those below it that were suspended with it, in a new generation: tokens from before the suspension stay invalid, and the agent must ask for new ones.

${MANY_HELP}`,
  flags: { ...MANY_FLAGS, ...MOVE_FLAGS },
  examples: [
    'hewn workflows resume wf_7Qx... --reason "its owner confirmed the task"',
    'hewn workflows resume --owner team:growth --state suspended --reason "the prompt is fixed"',
  ],
  exitCodes: { 1: 'no workflow matches, or the answer was no', ...WAITS_EXIT_CODE },
  run: async (input, context) => {
    const selector = readSelector(input, context);
    if (!selector.ok) return selector;
    return selector.value === undefined
      ? moveWorkflow(input, context, 'resumeWorkflow')
      : moveMany(context, input, 'resume', selector.value);
  },
});
