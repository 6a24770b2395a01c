import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  callIssuer,
  faultWords,
  useFrame,
  WaitsDialog,
  type WaitsForPerson,
} from '../frame/index.ts';
import { ReasonField } from '../reason-field.ts';
import { Dialog, html, Mark, say } from '../ui/index.ts';
import type { ShownWorkflow } from './load.ts';

interface ResumeDialogProps {
  readonly workflow: ShownWorkflow;
  readonly onClose: () => void;
}

/** Says what opens, and asks for the reason. It is recorded before it takes effect. */
export function ResumeDialog({ workflow, onClose }: ResumeDialogProps): VNode {
  const { poller, session } = useFrame();
  const needsTwo = session.twoPeople.includes('resume');
  const [reason, setReason] = useState('');
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const [waits, setWaits] = useState<WaitsForPerson | undefined>();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (reason.trim() === '') {
      setFault('Say why: it stands in the trail.');
      return;
    }
    setSending(true);
    const call = { params: { id: workflow.id }, body: { reason: reason.trim() } };
    void callIssuer('POST', '/workflows/:id/resume', call).then((answer) => {
      setSending(false);
      poller.reload();
      if (answer.ok) {
        say('Resumed');
        onClose();
      } else if (answer.error.kind === 'waits') setWaits(answer.error);
      else setFault(faultWords(answer.error));
    });
  };
  if (waits) {
    return html`<${WaitsDialog} title="Resume this workflow" waits=${waits} onClose=${onClose} />`;
  }
  return html`<${Dialog} label="Resume this workflow" onClose=${onClose}>
    <form class="dialog-form" onSubmit=${submit}>
      <h2>Resume this workflow</h2>
      <p><b>${workflow.task}</b></p>
      <ul class="checks">
        <li><${Mark} kind="run" /><span>Its agent can fetch a capability again.</span></li>
        <li><${Mark} kind="stop" /><span>Tokens from before the suspension stay dead.</span></li>
        <li>
          <${Mark} kind="ok" /><span>It is recorded under your name before it takes effect.</span>
        </li>
        ${
          needsTwo &&
          html`<li>
            <${Mark} kind="wait" />
            <span>A second person confirms it before it takes effect.</span>
          </li>`
        }
      </ul>
      <${ReasonField} value=${reason} onChange=${setReason} fault=${fault} />
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>Cancel</button>
        <button class="btn main" disabled=${isSending}>${isSending ? 'Sending…' : needsTwo ? 'Propose' : 'Resume'}</button>
      </div>
    </form>
  <//>`;
}
