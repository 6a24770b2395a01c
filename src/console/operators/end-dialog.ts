import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, faultWords, useFrame } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Dialog, html, Mark, say, Term } from '../ui/index.ts';
import { endedWords, type Person } from './people.ts';

const USUAL_REASONS = [
  'The laptop was lost',
  'Left the team',
  'The sign-in is not theirs',
] as const;

interface EndDialogProps {
  readonly person: Person;
  readonly onEnded: (words: string) => void;
  readonly onClose: () => void;
}

/** Says what ends with the sessions of a person and what does not, and asks for the reason. */
export function EndDialog({ person, onEnded, onClose }: EndDialogProps): VNode {
  const { poller } = useFrame();
  const reason = useReason();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const { name, isYou, sessions } = person;
  const submit = (event: Event): void => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined || isSending) return;
    setSending(true);
    void callIssuer('POST', '/sessions/end', { body: { name, reason: why } }).then((answer) => {
      setSending(false);
      poller.reload();
      if (!answer.ok) return setFault(faultWords(answer.error));
      const words = `${name}: ${endedWords(answer.value.sessions, answer.value.capabilities)}.`;
      say(words);
      onEnded(words);
      onClose();
    });
  };
  const title = isYou ? 'End your own sessions' : 'End the sessions of a person';
  return html`<${Dialog} label=${title} onClose=${onClose}>
    <form class="dialog-form" onSubmit=${submit}>
      <h2>${title}</h2>
      <p><b class="mono">${name}</b><span class="sub">${plural(sessions.length, 'session')} now</span></p>
      <ul class="checks">
        <li>
          <${Mark} kind="stop" />
          <span>${
            isYou
              ? 'All of them end at once, and this one with them: you are signed out here.'
              : 'All of them end at once, in the console and on the command line.'
          }</span>
        </li>
        <li>
          <${Mark} kind="stop" />
          <span>
            Each <${Term} word="operator capability" /> that this person made stops, with whatever was
            narrowed from it.
          </span>
        </li>
        <li>
          <${Mark} kind="unknown" />
          <span>
            The person can sign in again, until the rule in <code>[operators]</code> that gives the
            role is taken away. What was ordered stays in force.
          </span>
        </li>
      </ul>
      <${ReasonField} id="end-reason" value=${reason.value} onChange=${reason.set} usual=${USUAL_REASONS} fault=${reason.fault ?? fault} />
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>Cancel</button>
        <button class="btn stop full" disabled=${isSending}>${isSending ? 'Sending…' : 'End sessions'}</button>
      </div>
    </form>
  <//>`;
}
