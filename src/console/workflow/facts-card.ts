import type { VNode } from 'preact';
import type { AuditRecord } from '../../audit/index.ts';
import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { moment, span } from '../time.ts';
import { Card, type Content, Facts, html, Term } from '../ui/index.ts';
import { isOver } from '../workflow-state.ts';
import type { ShownWorkflow } from './load.ts';

const TIERS: Readonly<Record<number, string>> = {
  0: 'public reads',
  1: 'internal reads',
  2: 'writes',
  3: 'irreversible',
};

interface FactsCardProps {
  readonly workflow: ShownWorkflow;
  readonly records: readonly AuditRecord[];
  readonly now: UnixMilliseconds;
}

/** Who the workflow is for, and by what it was decided. */
export const FactsCard = ({ workflow, records, now }: FactsCardProps): VNode => {
  const { agent, subject, owner, tier, holder, prompt } = workflow;
  const version = records.flatMap((record) =>
    record.event === 'mint' && record.version !== undefined ? [record.version] : [],
  );
  const facts: readonly (readonly [Content, Content])[] = [
    [html`<${Term} word="agent">Agent<//>`, agent],
    [html`<${Term} word="subject">On behalf of<//>`, subject],
    [
      html`<${Term} word="owner">Owner<//>`,
      html`<a href=${`#/now?owner=${encodeURIComponent(owner)}`}>${owner}</a>`,
    ],
    [
      html`<${Term} word="tier">Highest tier<//>`,
      tier === undefined ? 'not known' : `${tier}: ${TIERS[tier] ?? ''}`,
    ],
    ...(prompt === undefined ? [] : [['Request of the user', prompt] as const]),
    ['Ends by itself', endWords(workflow, now)],
    [
      html`<${Term} word="policy">Policy<//>`,
      html`<span class="mono">${version.at(-1)?.slice(0, 8) ?? 'not recorded'}</span>`,
    ],
    [
      'Bound to a key',
      holder === undefined ? 'No: anyone who has its token can use it' : `${holder.slice(0, 12)}…`,
    ],
  ];
  return html`<${Card} label="Who and what" padded><${Facts} facts=${facts} wide /><//>`;
};

function endWords(
  { state, ends, expires, renewWithin, endedAt }: ShownWorkflow,
  now: UnixMilliseconds,
): string {
  if (isOver(state))
    return endedAt === undefined ? 'It has ended' : `Ended ${moment(endedAt, now)}`;
  const idle =
    renewWithin === undefined ? '' : `, or ${span(renewWithin * 1000)} after its last capability`;
  const last =
    expires < ends ? `; its newest capability ends ${moment(toMilliseconds(expires), now)}` : '';
  return `${moment(toMilliseconds(ends), now)}${idle}${last}`;
}
