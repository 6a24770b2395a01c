import type { VNode } from 'preact';
import type { AuditRecord } from '../../audit/index.ts';
import { filteredBy, useFrame } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { html, Note, When } from '../ui/index.ts';
import type { ShownWorkflow } from './load.ts';
import { actorWords } from './record-event.ts';

interface StateNotesProps {
  readonly workflow: ShownWorkflow;
  readonly records: readonly AuditRecord[];
}

/** What a person must know before reading on: that it is stopped and by whom, and its denials. */
export function StateNotes({ workflow, records }: StateNotesProps): VNode {
  const { address } = useFrame();
  const denials = records.filter((record) => record.event === 'decision' && !record.allowed);
  const stop = records.findLast(isStop);
  const isStopped = workflow.state === 'revoked' || workflow.state === 'suspended';
  return html`<div>
    ${
      isStopped &&
      stop &&
      html`<${Note} kind="stop">
        <b>
          ${workflow.state === 'revoked' ? 'Revoked' : 'Suspended'} by ${actorWords(stop.actor)} at
          ${' '}<${When} at=${stop.at} />.
        </b>
        ${stop.reason !== undefined && ` Reason: ${stop.reason}.`}
        ${workflow.standing !== undefined && ` ${STANDINGS[workflow.standing]}`}
      <//>`
    }
    ${
      workflow.ordered !== undefined &&
      html`<${Note} kind="wait">
        It was decided that it becomes ${workflow.ordered}, and the revocation log does not have it yet.
      <//>`
    }
    ${
      !isStopped &&
      denials.length > 0 &&
      html`<${Note} kind="deny">
        <b>${plural(denials.length, 'call')} denied. </b>
        <a href=${filteredBy(address, { only: 'denied' })}>Show only these</a>
      <//>`
    }
  </div>`;
}

type Stop = Extract<AuditRecord, { readonly event: 'revocation' | 'transition' }>;

const isStop = (record: AuditRecord): record is Stop =>
  (record.event === 'revocation' && record.kind === 'workflow') ||
  (record.event === 'transition' && record.move === 'suspend');

const STANDINGS: { readonly [Standing in NonNullable<ShownWorkflow['standing']>]: string } = {
  ordered: 'The order is not in the feed yet.',
  in_feed: 'It is in the feed, and not every verifier has confirmed it.',
  confirmed: 'Every verifier that was heard of lately has it.',
  ended: 'No token is left that it could stop.',
};
