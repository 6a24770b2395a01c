import type { VNode } from 'preact';
import { callIssuer, useFrame } from '../frame/index.ts';
import { OpeningDialog } from '../opening-dialog.ts';
import { html } from '../ui/index.ts';
import type { ShownWorkflow } from './load.ts';

interface ResumeDialogProps {
  readonly workflow: ShownWorkflow;
  readonly onClose: () => void;
}

const WORDS = { one: 'Resume', two: 'Propose', done: 'Resumed' };

export function ResumeDialog({ workflow: { id, task }, onClose }: ResumeDialogProps): VNode {
  const { session } = useFrame();
  const send = (reason: string) =>
    callIssuer('POST', '/workflows/:id/resume', { params: { id }, body: { reason } });
  return html`<${OpeningDialog}
    title="Resume this workflow"
    about=${html`<p><b>${task}</b></p>`}
    opens="Its agent can fetch a capability again."
    stays="Tokens from before the suspension stay dead."
    words=${WORDS}
    needsTwo=${session.twoPeople.includes('resume')}
    reasonId="reason"
    send=${send}
    onClose=${onClose}
  />`;
}
