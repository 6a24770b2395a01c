import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { issuerNow, useFrame } from '../frame/index.ts';
import { shortIdentity, subjectWords } from '../identity-words.ts';
import { whyNot } from '../powers.ts';
import { Dialog, html, say } from '../ui/index.ts';
import { isOver } from '../workflow-state.ts';
import type { ShownWorkflow } from './load.ts';
import { ResumeDialog } from './resume-dialog.ts';
import { STOPS, type Stop, StopCount, StopForm } from './stop-dialog.ts';
import { stopView } from './stop-progress.ts';
import { useStop } from './use-stop.ts';

const BUTTONS: { readonly [Order in Stop | 'resume']: string } = {
  suspend: 'Suspend…',
  resume: 'Resume…',
  revoke: 'Revoke…',
};

interface OrderButtonsProps {
  readonly workflow: ShownWorkflow;
  /** Called when an order was carried out. */
  readonly onOrder: () => void;
}

/** The buttons that stop a workflow or let it go on. A button that is off says why. */
export function OrderButtons({ workflow, onOrder }: OrderButtonsProps): VNode {
  const { session } = useFrame();
  const [open, setOpen] = useState<Stop | 'resume' | undefined>();
  const { owner, state } = workflow;
  const close = (): void => {
    setOpen(undefined);
    onOrder();
  };
  const offered: readonly (Stop | 'resume')[] = isOver(state)
    ? []
    : [state === 'suspended' ? 'resume' : 'suspend', 'revoke'];
  const reasons = offered.flatMap((order) => whyNot(session.may, order, owner) ?? []);
  const button = (order: Stop | 'resume'): VNode => {
    const why = whyNot(session.may, order, owner);
    return html`<button
      type="button"
      key=${order}
      class=${order === 'revoke' ? 'btn stop' : 'btn'}
      disabled=${why !== undefined}
      onClick=${() => setOpen(order)}
    >
      ${BUTTONS[order]}
    </button>`;
  };
  // The dialog stays open while the workflow ends under it: it counts the verifiers.
  return html`<div class="row">
    ${offered.map(button)}
    ${reasons.length > 0 && html`<p class="hint">${reasons.join(' ')}</p>`}
    ${open === 'resume' && html`<${ResumeDialog} workflow=${workflow} onClose=${close} />`}
    ${
      open !== undefined &&
      open !== 'resume' &&
      html`<${StopDialog} workflow=${workflow} how=${open} onClose=${close} />`
    }
  </div>`;
}

interface StopDialogProps {
  readonly workflow: ShownWorkflow;
  readonly how: Stop;
  readonly onClose: () => void;
}

/** Asks for a reason, orders the stop, and counts the verifiers as they confirm it. */
function StopDialog({ workflow, how, onClose }: StopDialogProps): VNode {
  const [state, order] = useStop(workflow.id, how);
  const { agent, subject, children, task } = workflow;
  const submit = (reason: string): void => {
    order(reason);
    say(`${STOPS[how].verb}: sent`);
  };
  return html`<${Dialog} label=${STOPS[how].title} onClose=${onClose}>
    ${
      state.step === 'counting'
        ? html`<${StopCount}
            how=${how}
            reason=${state.reason}
            view=${state.progress && stopView(state.progress, issuerNow())}
            onClose=${onClose}
          />`
        : html`<${StopForm}
            how=${how}
            task=${task}
            parties=${`${shortIdentity(agent)} for ${subjectWords(subject)}`}
            below=${children.length}
            isSending=${state.step === 'sending'}
            fault=${state.step === 'asking' ? state.fault : undefined}
            onSubmit=${submit}
            onCancel=${onClose}
          />`
    }
  <//>`;
}
