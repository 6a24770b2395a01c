import type { VNode } from 'preact';
import { callIssuer, useFrame } from '../frame/index.ts';
import { OpeningDialog } from '../opening-dialog.ts';
import { html } from '../ui/index.ts';
import { type Denial, SCOPES } from './denial-rows.ts';

interface LiftDialogProps {
  readonly denial: Denial;
  readonly onClose: () => void;
}

const WORDS = { one: 'Lift', two: 'Ask a second person', done: 'Lifted' };

export function LiftDialog({ denial: { scope, value }, onClose }: LiftDialogProps): VNode {
  const { session } = useFrame();
  const send = (reason: string) =>
    callIssuer('POST', '/denials/lift', { body: { scope, value, reason } });
  return html`<${OpeningDialog}
    title="Lift this denial"
    about=${html`<p><b class="mono">${value}</b><span class="sub">${SCOPES[scope].word}</span></p>`}
    opens="The policy alone decides again what it gets."
    stays="Tokens that the denial stopped stay dead."
    words=${WORDS}
    needsTwo=${session.twoPeople.includes('lift')}
    reasonId="lift-reason"
    send=${send}
    onClose=${onClose}
  />`;
}
