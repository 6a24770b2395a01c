import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { html } from './ui/index.ts';

/** As long as a reason of the admin API. */
const REASON_CHARACTERS_MAX = 512;

interface ReasonFieldProps {
  /** The default is `reason`. A page that has two of these fields gives them different ids. */
  readonly id?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The usual reasons, as buttons. */
  readonly usual?: readonly string[];
  readonly hint?: string;
  /** What is wrong with it. */
  readonly fault?: string | undefined;
}

/** A reason while a person writes it. */
export interface WrittenReason {
  readonly value: string;
  readonly set: (value: string) => void;
  readonly fault: string | undefined;
  /** Returns the reason to send. Returns undefined without one, and the field then says so. */
  readonly take: () => string | undefined;
}

export function useReason(): WrittenReason {
  const [value, set] = useState('');
  const [isAsked, setAsked] = useState(false);
  const reason = value.trim();
  const take = (): string | undefined => {
    setAsked(true);
    return reason === '' ? undefined : reason;
  };
  const fault = isAsked && reason === '' ? 'Say why: it stands in the trail.' : undefined;
  return { value, set, fault, take };
}

/** The field for the reason of an order. */
export function ReasonField({
  id = 'reason',
  value,
  onChange,
  usual = [],
  hint = 'Stands in the trail beside your name. Others will read it.',
  fault,
}: ReasonFieldProps): VNode {
  const field = useRef<HTMLTextAreaElement>(null);
  return html`<div>
    <label for=${id}>Reason</label>
    <textarea
      id=${id}
      name="reason"
      rows="2"
      ref=${field}
      maxlength=${REASON_CHARACTERS_MAX}
      aria-describedby=${`${id}-hint`}
      aria-invalid=${fault === undefined ? undefined : 'true'}
      value=${value}
      onInput=${(event: Event) => onChange((event.currentTarget as HTMLTextAreaElement).value)}
    />
    <p class=${fault === undefined ? 'hint' : 'hint fault'} id=${`${id}-hint`} role=${fault === undefined ? undefined : 'alert'}>
      ${fault ?? hint}
    </p>
    ${
      usual.length > 0 &&
      html`<div class="choices" role="group" aria-label="Usual reasons">
        ${usual.map(
          (text) => html`<button
            type="button"
            key=${text}
            class="btn small"
            onClick=${() => {
              onChange(text);
              field.current?.focus();
            }}
          >
            ${text}
          </button>`,
        )}
      </div>`
    }
  </div>`;
}
