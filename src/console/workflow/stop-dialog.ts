import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { MarkKind } from '../mark-kind.ts';
import { plural } from '../plural.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { html, Mark } from '../ui/index.ts';
import type { StopView } from './stop-progress.ts';

export type Stop = 'suspend' | 'revoke';

interface StopTexts {
  readonly verb: string;
  readonly done: string;
  readonly title: string;
  /** What dies, and whether it can be undone. */
  readonly effect: string;
  readonly mark: MarkKind;
}

export const STOPS: { readonly [How in Stop]: StopTexts } = {
  suspend: {
    verb: 'Suspend',
    done: 'Suspended',
    title: 'Suspend this workflow',
    effect:
      'Its tokens are denied and none is issued until it is resumed. Resuming may need a second person.',
    mark: 'pause',
  },
  revoke: {
    verb: 'Revoke',
    done: 'Revoked',
    title: 'Revoke this workflow',
    effect: 'Every token of it is dead, including those that it handed on. This cannot be undone.',
    mark: 'stop',
  },
};

const USUAL_REASONS = [
  'It follows an instruction from a document',
  'Its token leaked',
  'Asked by its owner',
] as const;

interface StopFormProps {
  readonly how: Stop;
  readonly task: string;
  readonly parties: string;
  /** How many workflows below it stop with it. */
  readonly below: number;
  readonly isSending: boolean;
  readonly fault: string | undefined;
  readonly onSubmit: (reason: string) => void;
  readonly onCancel: () => void;
}

/** Asks for the reason of a stop, and for nothing else: no name to type, no second person. */
export function StopForm({
  how,
  task,
  parties,
  below,
  isSending,
  fault,
  onSubmit,
  onCancel,
}: StopFormProps): VNode {
  const reason = useReason();
  const { verb, title, effect, mark } = STOPS[how];
  const submit = (event: Event): void => {
    event.preventDefault();
    const why = reason.take();
    if (why !== undefined && !isSending) onSubmit(why);
  };
  return html`<form class="dialog-form" onSubmit=${submit}>
    <h2>${title}</h2>
    <p><b>${task}</b><span class="sub">${parties}</span></p>
    <ul class="checks">
      <li><${Mark} kind=${mark} /><span>${effect}</span></li>
      ${
        below > 0 &&
        html`<li>
          <${Mark} kind=${mark} />
          <span>${plural(below, 'workflow below it stops', 'workflows below it stop')} with it.</span>
        </li>`
      }
      <li><${Mark} kind="unknown" /><span>Calls that have reached an API are not called back.</span></li>
    </ul>
    <${ReasonField} value=${reason.value} onChange=${reason.set} usual=${USUAL_REASONS} fault=${reason.fault} />
    ${fault !== undefined && html`<p role="alert" class="fault">${fault}</p>`}
    <div class="acts">
      <button type="button" class="btn" onClick=${onCancel}>Cancel</button>
      <button class="btn stop full" disabled=${isSending}>${isSending ? 'Sending…' : verb}</button>
    </div>
  </form>`;
}

interface StopCountProps {
  readonly how: Stop;
  readonly reason: string;
  /** Undefined if nothing had to be written: it was stopped already. */
  readonly view: StopView | undefined;
  readonly onClose: () => void;
}

/** Counts the verifiers that confirm a stop. */
export function StopCount({ how, reason, view, onClose }: StopCountProps): VNode {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return html`<div class="dialog-form">
    <h2>${STOPS[how].done}</h2>
    <p role="status">${view?.headline ?? 'It was stopped already, so nothing had to be written.'}</p>
    ${
      view &&
      view.rows.length > 0 &&
      html`<ul class="bounds">
        ${view.rows.map(
          (row) => html`<li key=${row.name}>
            <${Mark} kind=${row.mark} />
            <span>${row.audience ?? row.name}<span class="sub">${row.audience !== undefined && `${row.name} `}${row.words}</span></span>
            <span class="small muted">${row.standing}</span>
          </li>`,
        )}
      </ul>`
    }
    <p class="small muted">
      Reason: ${reason}. A verifier that the issuer has never heard of is in no number. You can close
      this: the stop stays in force.
    </p>
    <div class="acts">
      <button type="button" ref=${close} class="btn main" onClick=${onClose}>Close</button>
    </div>
  </div>`;
}
