import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, type Fault, useFrame } from '../frame/index.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Card, html, Note, say, shortId } from '../ui/index.ts';
import { ActivateDialog } from './activate.ts';

interface StoreDraftProps {
  /** Returns the texts of the draft. */
  readonly body: () => { readonly policy: Record<string, string>; readonly catalogue: string };
  readonly onStored: () => void;
  readonly onFault: (fault: Fault) => void;
}

/** Stores a draft as a version with a reason, and offers to activate it. */
export function StoreDraft({ body, onStored, onFault }: StoreDraftProps): VNode {
  const { poller } = useFrame();
  const reason = useReason();
  const [isBusy, setBusy] = useState(false);
  const [stored, setStored] = useState<string>();
  const [isActivating, setActivating] = useState(false);
  const store = async (event: Event) => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined) return;
    setBusy(true);
    const answer = await callIssuer('POST', '/versions', { body: { ...body(), reason: why } });
    setBusy(false);
    if (!answer.ok) return onFault(answer.error);
    setStored(answer.value.id);
    onStored();
    say('Stored');
    poller.reload();
  };
  if (stored === undefined) {
    return html`<${Card} title="Store it as a version" hint="Nothing decides by it yet. Others can look at it, and activate it." padded>
      <form class="stack" onSubmit=${store}>
        <${ReasonField} id="draft-reason" value=${reason.value} onChange=${reason.set} fault=${reason.fault} />
        <div class="acts"><button class="btn" disabled=${isBusy}>Store</button></div>
      </form>
    <//>`;
  }
  return html`<div>
    <${Note} kind="ok">
      <b>Stored as <code>${shortId(stored)}</code>. </b>Nothing decides by it yet.
      <div class="row"><button type="button" class="btn" onClick=${() => setActivating(true)}>Activate…</button></div>
    <//>
    ${isActivating && html`<${ActivateDialog} id=${stored} verb="Activate" onClose=${() => setActivating(false)} />`}
  </div>`;
}
