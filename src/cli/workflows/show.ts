import { printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { toMilliseconds, type UnixSeconds } from '../../clock.ts';
import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { rootWorkflowOf } from '../../root-workflow.ts';
import { type CommandContext, defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import {
  type Fact,
  paint,
  renderFacts,
  showAge,
  showSeconds,
  showTime,
} from '../terminal/index.ts';
import { readWorkflowId } from './id.ts';
import { STATE_TONES } from './state.ts';

const { showWorkflow } = ADMIN_API.workflows;
type Workflow = RouteAnswer<typeof showWorkflow>;
type HistoryRule = NonNullable<Workflow['history']>[number];

export const workflowsShow = defineCommand({
  name: 'workflows show',
  summary: 'show a workflow and its state',
  operands: 'ID',
  description: `Shows a workflow: its state as verifiers see it, and orders that are not in force yet; its agent, subject, owner and task; its grants and its budgets; the rules over history that bound it, with what is used; and when its last token expires.

For a stop, "standing" is ordered, in_feed, confirmed (by every verifier that reported lately) or ended (none of its tokens can still be valid). What the workflow did is in the audit trail. --json has the ids of the blocks of its tokens, too.`,
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn workflows show wf_7Qx...', 'hewn workflows show wf_7Qx... --json | jq .blocks'],
  run: async ({ flags, operands }, context) => {
    const id = readWorkflowId(operands);
    if (!id.ok) return id;
    const call = { params: { id: id.value } };
    const view = await callIssuer(context, flags, showWorkflow, call);
    if (!view.ok) return view;
    if (flags.json) context.out(showAnswer(showWorkflow, view.value));
    else {
      const { id: known, state, ordered } = view.value;
      const pending = ordered === undefined ? '' : ` (${ordered} is ordered, and not in force yet)`;
      context.out(`${known}  ${paint(context, STATE_TONES[state], state)}${pending}`);
      context.out(renderFacts(context, factsOf(context, view.value)).join('\n'));
    }
    return YES;
  },
});

/** Task and names are the agent's own text, so each is quoted. */
const quoted = (text: string): string => printableJson(text);

function factsOf(context: CommandContext, workflow: Workflow): readonly Fact[] {
  const now = context.now().getTime();
  const at = (time: UnixSeconds): string =>
    `${showSeconds(context, time)} (${showAge(now, toMilliseconds(time))})`;
  const fact = (name: string, value: string | undefined): readonly Fact[] =>
    value === undefined ? [] : [{ name, value }];
  const { revocation, endedAt, entry, renewals, renewedAt, renewWithin, asked } = workflow;
  return [
    ...fact('agent', quoted(workflow.agent)),
    ...fact('for', quoted(workflow.subject)),
    ...fact('owner', quoted(workflow.owner)),
    ...fact('task', quoted(workflow.task)),
    ...fact('request', workflow.prompt === undefined ? undefined : quoted(workflow.prompt)),
    ...fact('audience', quoted(workflow.audience)),
    ...workflow.ancestors.flatMap((ancestor) => fact('below', ancestor)),
    ...fact('began', at(workflow.startedAt)),
    ...fact('last token', at(workflow.expires)),
    ...fact('ends', at(workflow.ends)),
    ...fact(
      'renews',
      renewWithin === undefined ? undefined : `within ${renewWithin} s, or it ends`,
    ),
    ...fact(
      'renewed',
      renewedAt === undefined ? undefined : `${renewals ?? 0} times, ${at(renewedAt)}`,
    ),
    ...fact('ended', endedAt === undefined ? undefined : showTime(context, endedAt)),
    ...fact('standing', workflow.standing),
    ...(revocation === undefined
      ? []
      : fact('stopped by', `${revocation.actor}: ${quoted(revocation.reason)}`)),
    ...fact('entry', entry === undefined ? undefined : `${entry.epoch}.${entry.seq}`),
    ...fact('generation', String(workflow.gen)),
    ...fact('tier', workflow.tier === undefined ? undefined : String(workflow.tier)),
    ...fact('bound to', workflow.holder ?? 'no key'),
    ...fact('stepped up', workflow.steppedUp && 'yes'),
    ...workflow.grants.flatMap((grant) => fact('may', grantText(grant))),
    ...(workflow.labels ?? []).flatMap(({ label, tool, workflow: reader, at: first }) =>
      fact(
        // A label that lasts may come from an earlier workflow.
        rootWorkflowOf(reader) === rootWorkflowOf(workflow.id) ? 'has read' : 'carries',
        `${label}: first with ${quoted(tool)} at ${at(first)}, by ${reader}`,
      ),
    ),
    ...workflow.meters.flatMap(meterFact),
    ...(workflow.history ?? []).flatMap(historyFact),
    ...fact('asked', asked && printableJson(asked as Json)),
    ...workflow.children.flatMap((child) => fact('child', child)),
  ];
}

const grantText = ({ action, dataset, tool, constraints }: Workflow['grants'][number]): string => {
  const limits = constraints && `, if ${printableJson(constraints as Json)}`;
  return `${action} ${dataset} with ${tool}${limits ?? ''}`;
};

/** A budget: what is used, and what children and verifiers have set aside. */
function meterFact({
  key,
  limit,
  used,
  carved,
  leased,
}: Workflow['meters'][number]): readonly Fact[] {
  const aside = [
    ...(carved > 0 ? [`${carved} given to children`] : []),
    ...(leased > 0 ? [`${leased} lent to verifiers`] : []),
  ];
  const value = [`${key}: ${used} of ${limit} used`, ...aside].join(', ');
  return [{ name: 'budget', value, tone: used >= limit ? 'bad' : undefined }];
}

/** A rule over history, with what is used of it by whomever it counts for. */
function historyFact({
  rule,
  words,
  scope,
  of,
  used,
  reserved = 0,
  most,
}: HistoryRule): readonly Fact[] {
  const bound = most === undefined ? '' : ` of ${most}`;
  const open = reserved > 0 ? `, ${reserved} of it reserved,` : '';
  const state = used === undefined ? 'use unknown' : `${used}${bound} used${open}`;
  const value = `${rule}: ${state} by ${scope} ${quoted(of)}. ${words}`;
  const isUp = used !== undefined && most !== undefined && used >= most;
  return [{ name: 'history', value, tone: isUp ? 'bad' : undefined }];
}
