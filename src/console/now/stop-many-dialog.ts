import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { callIssuer, type Fault, faultWords, useFrame } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Dialog, html, Mark, Note, say } from '../ui/index.ts';
import type { NowFilter } from './filter.ts';
import {
  type ManyFound,
  manyWords,
  NOTHING_FOUND,
  reached,
  selectorOf,
  withPart,
} from './stop-many.ts';

/** One request reaches 25 workflows, so this is a thousand: more is for the command line. */
const PARTS_MAX = 40;

/** Sends an order for a list, part by part, and reports what it has found after each. */
async function orderMany(
  filter: NowFilter,
  order: { readonly reason: string; readonly isDryRun: boolean },
  onPart: (found: ManyFound) => void,
): Promise<Fault | undefined> {
  const selector = selectorOf(filter);
  if (!selector) return undefined;
  const { reason, isDryRun } = order;
  let found = NOTHING_FOUND;
  for (let part = 0; part < PARTS_MAX; part += 1) {
    const body = {
      reason,
      selector,
      ...(isDryRun && { dry_run: true as const }),
      ...(found.next !== undefined && { after: found.next }),
    };
    const answer = await callIssuer('POST', '/workflows/suspend', { body });
    if (!answer.ok) return answer.error;
    found = withPart(found, answer.value, isDryRun);
    onPart(found);
    if (found.next === undefined) return undefined;
  }
  return undefined;
}

type Step = 'looking' | 'asking' | 'sending' | 'done';

interface StopManyProps {
  readonly filter: NowFilter;
  readonly onClose: () => void;
}

/** First what would be hit, then a reason. What the list gains meanwhile is not stopped unseen. */
export function StopManyDialog({ filter, onClose }: StopManyProps): VNode {
  const { poller } = useFrame();
  const [step, setStep] = useState<Step>('looking');
  const [found, setFound] = useState<ManyFound>(NOTHING_FOUND);
  const reason = useReason();
  const [fault, setFault] = useState<string | undefined>();
  const run = (why: string, isDryRun: boolean, after: Step): void => {
    void orderMany(filter, { reason: why, isDryRun }, setFound).then((problem) => {
      setStep(problem === undefined ? after : 'asking');
      setFault(problem && faultWords(problem));
      if (isDryRun) return;
      poller.reload();
      say('Suspended');
    });
  };
  useEffect(() => run('dry run', true, 'asking'), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const why = reason.take();
    if (why === undefined) return;
    setStep('sending');
    run(why, false, 'done');
  };
  const count = reached(found);
  const isDone = step === 'done';
  return html`<${Dialog} label="Suspend several workflows" onClose=${onClose}>
    <form class="dialog-form" onSubmit=${submit}>
      <h2>${titleOf(step, count, found)}</h2>
      ${step === 'asking' && html`<p class="muted">${manyWords(filter, found)}</p>`}
      ${isDone && html`<p role="status">${plural(count, 'workflow')} suspended. The page of each shows how far its stop has got.</p>`}
      ${found.rows.length > 0 && html`<${ManyRows} found=${found} />`}
      ${!isDone && step !== 'looking' && html`<${ReasonField} value=${reason.value} onChange=${reason.set} fault=${reason.fault ?? fault} />`}
      ${
        !isDone &&
        html`<${Note} kind="unknown">
          What begins later is not stopped by this. To stop everything that an agent was ever given,
          <a href="#/watermarks">set a watermark</a>.
        <//>`
      }
      <div class="acts">
        <button type="button" class="btn" onClick=${onClose}>${isDone ? 'Close' : 'Cancel'}</button>
        ${
          !isDone &&
          html`<button class="btn stop full" disabled=${step !== 'asking' || count === 0}>
            ${step === 'sending' ? 'Sending…' : `Suspend ${count}`}
          </button>`
        }
      </div>
    </form>
  <//>`;
}

function titleOf(step: Step, count: number, { rows }: ManyFound): string {
  if (step === 'looking') return 'Looking what would stop…';
  if (step === 'done') return 'Suspended';
  return `Suspend ${count} of ${plural(rows.length, 'workflow')}`;
}

const ManyRows = ({ found: { rows } }: { readonly found: ManyFound }): VNode =>
  html`<ul class="bounds many">
    ${rows.map(
      ({ id, task, owner, standing, why }) => html`<li key=${id}>
        <${Mark} kind=${standing === 'left alone' ? 'unknown' : 'pause'} />
        <span>${task}<span class="sub">${why ?? owner}</span></span>
        <span class="small muted">${standing}</span>
      </li>`,
    )}
  </ul>`;
