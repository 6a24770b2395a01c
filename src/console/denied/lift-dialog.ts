import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  callIssuer,
  faultWords,
  useFrame,
  WaitsDialog,
  type WaitsForPerson,
} from '../frame/index.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Dialog, html, Mark, say } from '../ui/index.ts';
import { type Denial, SCOPES } from './denial-rows.ts';

interface LiftDialogProps {
  readonly denial: Denial;
  readonly onClose: () => void;
}

/** Says what opens, and asks for the reason. It is recorded before it takes effect. */
export function LiftDialog({ denial, onClose }: LiftDialogProps): VNode {
  const { poller, session } = useFrame();
  const { scope, value } = denial;
  const needsTwo = session.twoPeople.includes('lift');
  const reason = useReason();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const [waits, setWaits] = useState<WaitsForPerson | undefined>();
  const submit = (event: Event): void => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined) return;
    setSending(true);
    void callIssuer('POST', '/denials/lift', { body: { scope, value, reason: why } }).then(
      (answer) => {
        setSending(false);
        poller.reload();
        if (answer.ok) {
          say('Lifted');
          onClose();
        } else if (answer.error.kind === 'waits') setWaits(answer.error);
        else setFault(faultWords(answer.error));
      },
    );
  };
  const title = 'Lift this denial';
  if (waits) return html`<${WaitsDialog} title=${title} waits=${waits} onClose=${onClose} />`;
  return html`<${Dialog} label=${title} onClose=${onClose}>
    <form class="dialog-form" onSubmit=${submit}>
      <h2>${title}</h2>
      <p><b class="mono">${value}</b><span class="sub">${SCOPES[scope].word}</span></p>
      <ul class="checks">
        <li><${Mark} kind="run" /><span>The policy alone decides again what it gets.</span></li>
        <li><${Mark} kind="stop" /><span>Tokens that the denial stopped stay dead.</span></li>
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
      <${ReasonField} id="lift-reason" value=${reason.value} onChange=${reason.set} fault=${reason.fault ?? fault} />
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>Cancel</button>
        <button class="btn main" disabled=${isSending}>${isSending ? 'Sending…' : needsTwo ? 'Ask a second person' : 'Lift'}</button>
      </div>
    </form>
  <//>`;
}
