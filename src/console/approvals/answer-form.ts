import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ReasonField, useReason } from '../reason-field.ts';
import { html, Term } from '../ui/index.ts';
import { APPROVAL_SPANS } from './question.ts';

/** What a person has chosen: the page adds the digest of the question that it shows. */
export interface GivenAnswer {
  readonly decision: 'approve' | 'refuse';
  readonly reason: string;
  readonly seconds: number;
}

interface AnswerFormProps {
  readonly mayAnswer: boolean;
  /** The question has changed, so a yes must wait until the person has read it again. */
  readonly isChanged: boolean;
  readonly isSending: boolean;
  readonly withPasskey: boolean;
  /** An approval waits until a second person confirms it. */
  readonly needsTwo: boolean;
  readonly fault: string | undefined;
  readonly onAnswer: (answer: GivenAnswer) => void;
}

/** The form of an answer. A yes covers what was shown, once, and needs a reason as a no does. */
export function AnswerForm({
  mayAnswer,
  isChanged,
  isSending,
  withPasskey,
  needsTwo,
  fault,
  onAnswer,
}: AnswerFormProps): VNode {
  const reason = useReason();
  const [seconds, setSeconds] = useState<number>(APPROVAL_SPANS[0].seconds);
  const isOff = !mayAnswer || isSending;
  const answer = (decision: GivenAnswer['decision']) => (): void => {
    const why = reason.take();
    if (why !== undefined) onAnswer({ decision, reason: why, seconds });
  };
  return html`<form class="pad stack" onSubmit=${(event: Event) => event.preventDefault()}>
    <fieldset>
      <legend>An approval holds</legend>
      <div class="choices">
        ${APPROVAL_SPANS.map(
          (one) => html`<label key=${one.seconds}>
            <input
              type="radio"
              name="until"
              value=${one.seconds}
              checked=${one.seconds === seconds}
              onChange=${() => setSeconds(one.seconds)}
            />${one.words}
          </label>`,
        )}
      </div>
    </fieldset>
    <${ReasonField}
      value=${reason.value}
      onChange=${reason.set}
      fault=${reason.fault}
      hint="Needed for yes and for no. The agent does not see it; the trail does."
    />
    ${
      needsTwo &&
      html`<p class="hint">
        An approval needs <${Term} word="four eyes">four eyes<//>: another person who may approve has to
        confirm yours before the agent gets anything. A refusal counts at once.
      </p>`
    }
    ${fault !== undefined && html`<p role="alert" class="fault">${fault}</p>`}
    <div class="answer row">
      <button type="button" class="btn stop" disabled=${isOff} onClick=${answer('refuse')}>Refuse</button>
      <button type="button" class="btn main" disabled=${isOff || isChanged} onClick=${answer('approve')}>
        ${approveWords(withPasskey, needsTwo)}
      </button>
    </div>
  </form>`;
}

function approveWords(withPasskey: boolean, needsTwo: boolean): string {
  if (needsTwo) return withPasskey ? 'Ask a second person, with passkey' : 'Ask a second person';
  return withPasskey ? 'Approve with passkey' : 'Approve';
}
