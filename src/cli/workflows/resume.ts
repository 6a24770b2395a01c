import { defineCommand } from '../command.ts';
import { MOVE_FLAGS, moveWorkflow } from './move.ts';

export const workflowsResume = defineCommand({
  name: 'workflows resume',
  summary: 'resume a suspended workflow',
  operands: 'ID',
  description:
    'Resumes a workflow, and those below it that were suspended with it, in a new generation: tokens from before the suspension stay invalid, and the agent must ask for new ones.',
  flags: MOVE_FLAGS,
  examples: ['hewn workflows resume wf_7Qx... --reason "its owner confirmed the task"'],
  run: (input, context) => moveWorkflow(input, context, 'resumeWorkflow'),
});
