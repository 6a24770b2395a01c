import * as v from 'valibot';
import { printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { type Command, readFlags, SWITCH, showJson, YES } from '../command.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { readWorkflowId } from './id.ts';

const HELP = `hewn workflows show ID [--issuer URL] [--file FILE] [--json]

Shows a workflow: its state as verifiers have it, and what is ordered and not in force yet; its agent,
subject, owner and task, what it was granted, and when the last of its tokens ends. Of a stop,
standing says whether it is ordered, in_feed, confirmed by every verifier that was heard of lately, or
ended: no token of it can be alive. What it did is in the audit trail.

  hewn workflows show wf_7Qx...
  hewn workflows show wf_7Qx... --json | jq .blocks

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

const workflow = v.looseObject({
  id: v.string(),
  state: v.string(),
  ordered: v.optional(v.string()),
});

export const workflowsShow: Command = {
  name: 'workflows show',
  summary: 'what a workflow is, and its state',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { ...ISSUER_FLAGS, json: SWITCH });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const id = readWorkflowId(positionals);
    if (!id.ok) return id;
    const view = await askIssuer(at, values, `workflows/${id.value}`, workflow);
    if (!view.ok) return view;
    if (values.json === true) at.out(showJson(view.value));
    else {
      const { id: known, state, ordered, ...rest } = view.value;
      const waits = ordered === undefined ? '' : `, and ${ordered} is ordered and not in force yet`;
      at.out(`${known}  ${state}${waits}`);
      // Task and names are the agent's own words, so they are quoted; every member has a line.
      for (const [name, value] of Object.entries(rest))
        at.out(`  ${name.padEnd(11)} ${printableJson(value as Json)}`);
    }
    return YES;
  },
};
