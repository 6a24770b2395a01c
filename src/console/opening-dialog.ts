import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  type Answer,
  faultWords,
  useFrame,
  WaitsDialog,
  type WaitsForPerson,
} from './frame/index.ts';
import { ReasonField, useReason } from './reason-field.ts';
import { Dialog, html, Mark, say } from './ui/index.ts';

interface OpeningDialogProps {
  readonly title: string;
  /** What the order is about. */
  readonly about: VNode;
  /** What the order opens. */
  readonly opens: string;
  /** What stays stopped. */
  readonly stays: string;
  /** The words of the button for one person, for two people, and of the notice afterwards. */
  readonly words: { readonly one: string; readonly two: string; readonly done: string };
  readonly needsTwo: boolean;
  readonly reasonId: string;
  readonly send: (reason: string) => Promise<Answer<unknown>>;
  readonly onClose: () => void;
}

/** Says what an order opens, and asks for the reason. It is recorded before it takes effect. */
export function OpeningDialog({
  title,
  about,
  opens,
  stays,
  words,
  needsTwo,
  reasonId,
  send,
  onClose,
}: OpeningDialogProps): VNode {
  const { poller } = useFrame();
  const reason = useReason();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const [waits, setWaits] = useState<WaitsForPerson | undefined>();
  const submit = (event: Event): void => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined) return;
    setSending(true);
    void send(why).then((answer) => {
      setSending(false);
      poller.reload();
      if (answer.ok) {
        say(words.done);
        onClose();
      } else if (answer.error.kind === 'waits') setWaits(answer.error);
      else setFault(faultWords(answer.error));
    });
  };
  if (waits) return html`<${WaitsDialog} title=${title} waits=${waits} onClose=${onClose} />`;
  return html`<${Dialog} label=${title} onClose=${onClose}>
    <form class="dialog-form" onSubmit=${submit}>
      <h2>${title}</h2>
      ${about}
      <ul class="checks">
        <li><${Mark} kind="run" /><span>${opens}</span></li>
        <li><${Mark} kind="stop" /><span>${stays}</span></li>
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
      <${ReasonField} id=${reasonId} value=${reason.value} onChange=${reason.set} fault=${reason.fault ?? fault} />
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>Cancel</button>
        <button class="btn main" disabled=${isSending}>${isSending ? 'Sending…' : needsTwo ? words.two : words.one}</button>
      </div>
    </form>
  <//>`;
}
