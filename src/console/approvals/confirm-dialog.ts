import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, type Fault, faultWords, useFrame, useNow } from '../frame/index.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Dialog, html, Mark, say } from '../ui/index.ts';
import type { ShownProposal } from './proposal.ts';
import { ProposalFacts } from './proposal-facts.ts';

interface ConfirmDialogProps {
  readonly proposal: ShownProposal;
  readonly onClose: () => void;
}

/** Shows the whole order once more, and asks the second person for a reason. */
export function ConfirmDialog({ proposal, onClose }: ConfirmDialogProps): VNode {
  const { poller } = useFrame();
  const now = useNow();
  const { id, title, digest } = proposal;
  const reason = useReason();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const submit = (event: Event): void => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined) return;
    setSending(true);
    const call = { params: { id }, body: { digest, reason: why } };
    void callIssuer('POST', '/proposals/:id', call).then((answer) => {
      setSending(false);
      poller.reload();
      if (!answer.ok) return setFault(confirmFault(answer.error));
      say('Confirmed, and carried out');
      onClose();
    });
  };
  return html`<${Dialog} label=${`Confirm: ${title}`} onClose=${onClose}>
    <form class="dialog-form" onSubmit=${submit}>
      <h2>Confirm: ${title}</h2>
      <${ProposalFacts} proposal=${proposal} now=${now} />
      <ul class="checks">
        <li>
          <${Mark} kind="ok" /><span>Your answer carries the digest: it confirms this order alone.</span>
        </li>
        <li>
          <${Mark} kind="wait" />
          <span>The order is carried out at once. It is recorded under both names before that.</span>
        </li>
      </ul>
      <${ReasonField} id="confirm-reason" value=${reason.value} onChange=${reason.set} fault=${reason.fault ?? fault} />
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>Cancel</button>
        <button class="btn main" disabled=${isSending}>${isSending ? 'Sending…' : 'Confirm'}</button>
      </div>
    </form>
  <//>`;
}

function confirmFault(fault: Fault): string {
  if (fault.kind === 'not_found' && fault.code === 'proposal_unknown') {
    return 'This order no longer waits: it was confirmed or withdrawn, or its hour is over.';
  }
  return faultWords(fault);
}
