import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { type Answer, faultWords, useFrame } from './frame/index.ts';
import { type Matches, matchWords } from './match-words.ts';
import { whyNot } from './powers.ts';
import { ReasonField, useReason } from './reason-field.ts';
import { Card, type Content, html, say } from './ui/index.ts';

/** What can be stopped by its name, with its word and an example. */
export interface ScopeWords {
  readonly word: string;
  /** Absent where the scope needs no name. */
  readonly example?: string;
}

/** A stop by name, as a person ordered it or wants to see it first. */
export interface ScopeOrder<Scope extends string> {
  readonly scope: Scope;
  /** Empty for a scope without a name. */
  readonly value: string;
  /** The position of the time that was chosen. */
  readonly choice: number;
  readonly reason: string;
  readonly isDryRun: boolean;
}

/** Returns what every order by name has in its body. */
export const orderBody = <Scope extends string>(order: ScopeOrder<Scope>) => ({
  scope: order.scope,
  value: order.value,
  reason: order.reason,
  // It was shown that nothing known has this name.
  even_unknown: true as const,
  ...(order.isDryRun && { dry_run: true as const }),
});

interface ScopeFormProps<Scope extends string> {
  /** Begins the ids of its fields. */
  readonly id: string;
  readonly title: string;
  readonly hint: Content;
  readonly scopes: Readonly<Record<Scope, ScopeWords>>;
  readonly first: Scope;
  readonly firstValue: string;
  /** The times that a person chooses from, the usual one first. */
  readonly times: { readonly legend: string; readonly words: readonly string[] };
  readonly verb: string;
  readonly done: string;
  readonly send: (order: ScopeOrder<Scope>) => Promise<Answer<{ readonly matches: Matches }>>;
  readonly onDone: () => void;
}

/** Stops by name at once: it shows first what that reaches, and needs a reason and no one else. */
export function ScopeForm<Scope extends string>({
  id,
  title,
  hint,
  scopes,
  first,
  firstValue,
  times,
  verb,
  done,
  send,
  onDone,
}: ScopeFormProps<Scope>): VNode {
  const { poller, session } = useFrame();
  const [scope, setScope] = useState<Scope>(first);
  const [value, setValue] = useState(firstValue);
  const [choice, setChoice] = useState(0);
  const reason = useReason();
  const [isSending, setSending] = useState(false);
  const [found, setFound] = useState<{ readonly of: string; readonly words: string }>();
  const [fault, setFault] = useState<string | undefined>();
  const { example } = scopes[scope];
  const name = example === undefined ? '' : value.trim();
  const isNamed = example === undefined || name !== '';
  const no = whyNot(session.may, 'deny', scope === 'owner' ? name : undefined);
  // What was counted is about what was chosen then.
  const order = `${scope} ${name} ${choice}`;
  const counted = found?.of === order ? found.words : undefined;
  const run = async (isDryRun: boolean, why: string): Promise<void> => {
    setSending(true);
    setFault(undefined);
    const answer = await send({ scope, value: name, choice, reason: why, isDryRun });
    setSending(false);
    if (!answer.ok) return setFault(faultWords(answer.error));
    if (isDryRun) return setFound({ of: order, words: matchWords(answer.value.matches) });
    say(done);
    setFound(undefined);
    setValue('');
    reason.set('');
    poller.reload();
    onDone();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!isNamed || isSending) return;
    if (counted === undefined) return void run(true, 'dry run');
    const why = reason.take();
    if (why !== undefined) void run(false, why);
  };
  return html`<${Card} title=${title} hint=${hint} padded>
    <form class="stack" onSubmit=${submit}>
      <div class="row deny-what">
        <div>
          <label for=${`${id}-scope`}>What</label>
          <select id=${`${id}-scope`} onChange=${(event: Event) => setScope((event.currentTarget as HTMLSelectElement).value as Scope)}>
            ${Object.entries<ScopeWords>(scopes).map(
              ([key, { word }]) =>
                html`<option value=${key} selected=${key === scope}>${word}</option>`,
            )}
          </select>
        </div>
        ${
          example !== undefined &&
          html`<div class="grow">
            <label for=${`${id}-value`}>Which</label>
            <input
              id=${`${id}-value`}
              autocomplete="off"
              spellcheck=${false}
              value=${value}
              placeholder=${example}
              onInput=${(event: Event) => setValue((event.currentTarget as HTMLInputElement).value)}
            />
          </div>`
        }
      </div>
      <fieldset>
        <legend>${times.legend}</legend>
        <div class="choices">
          ${times.words.map(
            (words, index) => html`<label key=${words}>
              <input type="radio" name=${`${id}-time`} checked=${index === choice} onChange=${() => setChoice(index)} />${words}
            </label>`,
          )}
        </div>
      </fieldset>
      ${counted !== undefined && html`<p role="status">${counted}</p>`}
      ${
        counted !== undefined &&
        html`<${ReasonField} id=${`${id}-reason`} value=${reason.value} onChange=${reason.set} fault=${reason.fault} />`
      }
      ${fault !== undefined && html`<p role="alert" class="fault">${fault}</p>`}
      <div class="acts">
        ${no !== undefined && html`<p class="hint">${no}</p>`}
        <button class="btn stop" disabled=${no !== undefined || !isNamed || isSending}>
          ${counted === undefined ? 'Show what it stops' : verb}
        </button>
      </div>
    </form>
  <//>`;
}
