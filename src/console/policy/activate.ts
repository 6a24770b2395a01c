import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, type Fault, FaultNote, useFrame, WaitsDialog } from '../frame/index.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Dialog, html, Note, say, shortId, Term } from '../ui/index.ts';
import { useActiveVersion } from './active.ts';

interface ActivateProps {
  readonly id: string;
  readonly verb: 'Activate' | 'Roll back';
  readonly onClose: () => void;
}

/** Asks for a reason, and activates a version; where two people are needed, asks a second one. */
export function ActivateDialog({ id, verb, onClose }: ActivateProps): VNode {
  const { session, poller } = useFrame();
  const [fault, setFault] = useState<Fault>();
  const [isSending, setSending] = useState(false);
  const expects = useActiveVersion().value?.active?.version ?? null;
  const needsTwo = session.twoPeople.includes('activate-policy');
  const reason = useReason();
  const submit = async (event: Event) => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined) return;
    setSending(true);
    const answer = await callIssuer('POST', '/versions/:id/activate', {
      params: { id },
      body: { expects, reason: why },
    });
    setSending(false);
    if (!answer.ok) return setFault(answer.error);
    say(`Version ${shortId(id)} decides now`);
    poller.reload();
    onClose();
  };
  if (fault?.kind === 'waits') {
    const title = `${verb} to ${shortId(id)}`;
    return html`<${WaitsDialog} title=${title} waits=${fault} onClose=${onClose} />`;
  }
  return html`<${Dialog} label=${`${verb} to ${shortId(id)}`} onClose=${onClose}>
    <form class="stack" onSubmit=${submit}>
      <h2>${verb} to <code>${shortId(id)}</code></h2>
      <p>
        ${
          needsTwo
            ? html`It opens something, so <${Term} word="four eyes">four eyes<//> are needed: another
              person with the same permission sees your reason, and nothing becomes active before that
              person agrees.`
            : 'The issuer decides by it within a second. The trail records it first.'
        }
        ${' '}Tokens that are out keep what they were given until they end.
      </p>
      <${ReasonField} id="activate-reason" value=${reason.value} onChange=${reason.set} fault=${reason.fault} />
      ${fault && html`<${FaultNote} fault=${fault} what="the activation" />`}
      ${
        fault?.kind === 'refused' &&
        fault.code === 'version_conflict' &&
        html`<${Note} kind="wait">Look at the page again: it shows the version that is active now.<//>`
      }
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>Cancel</button>
        <button class="btn main" disabled=${isSending}>${needsTwo ? 'Ask a second person' : verb}</button>
      </div>
    </form>
  <//>`;
}
