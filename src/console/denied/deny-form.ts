import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { toSeconds } from '../../clock.ts';
import { callIssuer, faultWords, issuerNow, useFrame } from '../frame/index.ts';
import { whyNot } from '../powers.ts';
import { ReasonField, useReason } from '../reason-field.ts';
import { Card, html, say } from '../ui/index.ts';
import { DENIAL_SPANS, isScope, matchWords, SCOPES, type Scope } from './denial-rows.ts';

interface DenyFormProps {
  readonly onDenied: () => void;
}

/** Denies something at once: it shows first what that stops, and needs a reason and no one else. */
export function DenyForm({ onDenied }: DenyFormProps): VNode {
  const { address, poller, session } = useFrame();
  const asked = address.query.get('scope');
  const [scope, setScope] = useState<Scope>(isScope(asked) ? asked : 'agent');
  const [value, setValue] = useState(address.query.get('value') ?? '');
  const [seconds, setSeconds] = useState<number | undefined>();
  const reason = useReason();
  const [isSending, setSending] = useState(false);
  const [found, setFound] = useState<{ readonly of: string; readonly words: string }>();
  const [fault, setFault] = useState<string | undefined>();
  const name = value.trim();
  const no = whyNot(session.may, 'deny', scope === 'owner' ? name : undefined);
  // What was counted is about what was typed then.
  const counted = found?.of === `${scope} ${name}` ? found.words : undefined;
  const send = async (isDryRun: boolean, why: string): Promise<void> => {
    setSending(true);
    setFault(undefined);
    const answer = await callIssuer('POST', '/denials', {
      query: { wait: '0' },
      body: {
        scope,
        value: name,
        reason: why,
        // It was shown that nothing known has this name.
        even_unknown: true as const,
        ...(seconds !== undefined && { until: toSeconds(issuerNow()) + seconds }),
        ...(isDryRun && { dry_run: true as const }),
      },
    });
    setSending(false);
    if (!answer.ok) return setFault(faultWords(answer.error));
    if (isDryRun)
      return setFound({ of: `${scope} ${name}`, words: matchWords(answer.value.matches) });
    say('Denied');
    setFound(undefined);
    setValue('');
    reason.set('');
    poller.reload();
    onDenied();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name === '' || isSending) return;
    if (counted === undefined) return void send(true, 'dry run');
    const why = reason.take();
    if (why !== undefined) void send(false, why);
  };
  return html`<${Card}
    title="Deny something"
    hint="It takes effect at once. Resuming what it stopped is another order, and lifting it may need a second person."
    padded
  >
    <form class="stack" onSubmit=${submit}>
      <div class="row deny-what">
        <div>
          <label for="deny-scope">What</label>
          <select id="deny-scope" onChange=${(event: Event) => setScope((event.currentTarget as HTMLSelectElement).value as Scope)}>
            ${Object.entries(SCOPES).map(
              ([key, { word }]) =>
                html`<option value=${key} selected=${key === scope}>${word}</option>`,
            )}
          </select>
        </div>
        <div class="grow">
          <label for="deny-value">Which</label>
          <input
            id="deny-value"
            autocomplete="off"
            spellcheck=${false}
            value=${value}
            placeholder=${SCOPES[scope].example}
            onInput=${(event: Event) => setValue((event.currentTarget as HTMLInputElement).value)}
          />
        </div>
      </div>
      <fieldset>
        <legend>It holds</legend>
        <div class="choices">
          ${DENIAL_SPANS.map(
            (one) => html`<label key=${one.words}>
              <input type="radio" name="deny-until" checked=${one.seconds === seconds} onChange=${() => setSeconds(one.seconds)} />${one.words}
            </label>`,
          )}
        </div>
      </fieldset>
      ${counted !== undefined && html`<p role="status">${counted}</p>`}
      ${
        counted !== undefined &&
        html`<${ReasonField} id="deny-reason" value=${reason.value} onChange=${reason.set} fault=${reason.fault} />`
      }
      ${fault !== undefined && html`<p role="alert" class="fault">${fault}</p>`}
      <div class="acts">
        ${no !== undefined && html`<p class="hint">${no}</p>`}
        <button class="btn stop" disabled=${no !== undefined || name === '' || isSending}>
          ${counted === undefined ? 'Show what it stops' : 'Deny'}
        </button>
      </div>
    </form>
  <//>`;
}
