import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
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
