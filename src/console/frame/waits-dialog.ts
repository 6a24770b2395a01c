import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Dialog, html, say } from '../ui/index.ts';
import { useFrame } from './context.ts';
import { FaultNote } from './states.ts';
import { type WaitsForPerson, waitsWords } from './waits.ts';

interface WaitsDialogProps {
  /** What was ordered. */
  readonly title: string;
  readonly waits: WaitsForPerson;
  readonly onClose: () => void;
}

/** Takes the place of the form of an order that now waits for a second person. */
export function WaitsDialog({ title, waits, onClose }: WaitsDialogProps): VNode {
  const { poller } = useFrame();
  useEffect(() => {
    say(waitsWords(waits));
    poller.reload();
  }, [waits.id]);
  return html`<${Dialog} label=${title} onClose=${onClose}>
    <div class="dialog-form">
      <h2>${title}</h2>
      <${FaultNote} fault=${waits} what="the order" />
      <p class="small muted">Proposal <code>${waits.id}</code></p>
      <div class="acts"><button type="button" class="btn main" onClick=${onClose}>Close</button></div>
    </div>
  <//>`;
}
