import { printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { readWorkflowId } from './id.ts';

export const workflowsShow = defineCommand({
  name: 'workflows show',
  summary: 'show a workflow and its state',
  operands: 'ID',
  description: `Shows a workflow: its state as verifiers see it, and orders that are not in force yet; its agent, subject, owner and task; its grants; and when its last token expires.

For a stop, "standing" is ordered, in_feed, confirmed (by every verifier that reported lately) or ended (none of its tokens can still be valid). What the workflow did is in the audit trail.`,
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn workflows show wf_7Qx...', 'hewn workflows show wf_7Qx... --json | jq .blocks'],
  run: async ({ flags, operands }, context) => {
    const id = readWorkflowId(operands);
    if (!id.ok) return id;
    const call = { params: { id: id.value } };
    const view = await callIssuer(context, flags, ADMIN_API.workflows.showWorkflow, call);
    if (!view.ok) return view;
    if (flags.json) context.out(showAnswer(ADMIN_API.workflows.showWorkflow, view.value));
    else {
      const { id: known, state, ordered, ...rest } = view.value;
      const pending = ordered === undefined ? '' : ` (${ordered} is ordered, and not in force yet)`;
      context.out(`${known}  ${state}${pending}`);
      // Task and names are the agent's own text, so each value is quoted.
      for (const [name, value] of Object.entries(rest)) {
        context.out(`  ${name.padEnd(11)} ${printableJson(value as Json)}`);
      }
    }
    return YES;
  },
});
