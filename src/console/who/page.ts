import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { limitWords } from '../../constraint-words/index.ts';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { addressOf, callIssuer, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { shortIdentity, subjectWords } from '../identity-words.ts';
import { plural } from '../plural.ts';
import { readIso, span } from '../time.ts';
import {
  Card,
  Empty,
  html,
  numberText,
  PageHead,
  Pill,
  type Row,
  State,
  Table,
  Tabs,
  Term,
} from '../ui/index.ts';
import { shownState } from '../workflow-state.ts';
import { reachWords } from './grant-words.ts';
import { loadNames, SIDES, type Side } from './names.ts';

type WhoCan = RouteAnswer<typeof ADMIN_API.questions.whoCan>;

const isSide = (text: string | null): text is Side => text !== null && Object.hasOwn(SIDES, text);

/** The holders of a tool, a dataset or an agent's grants, and what the policy would give. */
export function WhoPage(): VNode {
  const { query } = useFrame().address;
  const by = query.get('by');
  const side = isSide(by) ? by : 'tool';
  const name = query.get('name')?.trim() ?? '';
  return html`<div>
    <${PageHead}
      title="Who can do what"
      lead="From any side: the present holders, what the policy would give, and what lies unused."
    />
    <section class="card" aria-label="What to look for">
      <div class="filters">
        <${Tabs}
          label="Look from the side of"
          tabs=${Object.entries(SIDES).map(([key, { tab }]) => ({
            text: tab,
            href: addressOf('who', [], { by: key }),
            isCurrent: key === side,
          }))}
        />
      </div>
      <${Pick} key=${`${side} ${name}`} side=${side} name=${name} />
    </section>
    ${name !== '' && html`<${Answer} key=${`${side} ${name}`} side=${side} name=${name} />`}
  </div>`;
}

function Pick({ side, name }: { readonly side: Side; readonly name: string }): VNode {
  const [text, setText] = useState(name);
  const names = useLoaded(`names ${side}`, () => loadNames(side));
  const known = names.value ?? [];
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() !== '') location.hash = addressOf('who', [], { by: side, name: text.trim() });
  };
  return html`<form class="pad" onSubmit=${submit}>
    <label for="who-name">${SIDES[side].label}</label>
    <div class="row pick">
      <input
        id="who-name"
        list="who-names"
        autocomplete="off"
        spellcheck=${false}
        value=${text}
        onInput=${(event: Event) => setText((event.currentTarget as HTMLInputElement).value)}
        placeholder=${known[0] ?? SIDES[side].example}
      />
      <datalist id="who-names">${known.map((one) => html`<option key=${one} value=${one} />`)}</datalist>
      <button class="btn main">Show</button>
    </div>
    ${
      name === '' &&
      known.length > 0 &&
      html`<div class="choices links" role="group" aria-label="Known names">
        ${known
          .slice(0, SHOWN_NAMES_MAX)
          .map(
            (one) =>
              html`<a key=${one} class="btn small" href=${addressOf('who', [], { by: side, name: one })}>${shortIdentity(one)}</a>`,
          )}
      </div>`
    }
    ${names.fault && html`<p class="hint">The known names could not be asked for; any name can be typed.</p>`}
  </form>`;
}

const SHOWN_NAMES_MAX = 24;

function Answer({ side, name }: { readonly side: Side; readonly name: string }): VNode {
  const answer = useLoaded(`who ${side} ${name}`, () =>
    callIssuer('GET', '/who-can', { query: { [side]: name } }),
  );
  return html`<${Shown} loaded=${answer} what="the answer"
    >${(value: WhoCan) => html`<div class="stacked">
      <${Held} answer=${value} side=${side} name=${name} /><${ByPolicy} answer=${value} /><${Unused} answer=${value} />
    </div>`}<//
  >`;
}

const ago = (text: string | undefined, now: number): string => {
  const at = readIso(text);
  return at === undefined ? 'never' : `${span(now - at, 'coarse')} ago`;
};

interface HeldProps {
  readonly answer: WhoCan;
  readonly side: Side;
  readonly name: string;
}

function Held({ answer, side, name }: HeldProps): VNode {
  const now = useNow();
  const rows = answer.held.map((held, index): Row => {
    const { workflow, state, task, agent, subject, grant } = held;
    const { mark, word } = shownState(state);
    const ends = readIso(held.ends_at) ?? now;
    return {
      key: `${workflow} ${index}`,
      cells: [
        {
          wide: true,
          content: html`<a class="title" href=${addressOf('w', [workflow])}>${task}</a>
            <span class="sub">${shortIdentity(agent)} for ${subjectWords(subject)}</span>`,
        },
        html`<${State} kind=${mark}>${word}<//>`,
        {
          wide: true,
          content: html`${reachWords(grant)}<span class="sub mono">${grant.tool}</span>
            ${limitWords(grant.constraints).map((line) => html`<span class="sub">${line}</span>`)}`,
        },
        {
          name: 'ends in',
          content: html`<span class="num nowrap">${span(ends - now, 'coarse')}</span>`,
        },
        { right: true, name: 'used', content: ago(held.last_used, now) },
      ],
    };
  });
  return html`<${Card}
    title=${html`Holds it now: <code>${name}</code>`}
    label="Holds it now"
    aside=${side !== 'dataset' && html`<a class="btn small" href=${addressOf('denied', [], { scope: side, value: name })}>Deny it…</a>`}
    hint=${html`A running <${Term} word="workflow">workflow<//> with a <${Term} word="grant">grant<//> for
    it. To take it from all of them at once, set a <${Term} word="watermark">watermark<//>${side !== 'dataset' && html`, <a href=${addressOf('watermarks', [], { scope: side, value: name })}>for this ${side}</a>`}.`}
  >
    ${
      rows.length === 0
        ? html`<${Empty} title="No workflow holds it now"
            ><p>Whether the policy would give it stands below.</p><//
          >`
        : html`<${Table}
            label="Holds it now"
            heads=${['Task and agent', 'State', 'May', 'Ends in', { text: 'Last used', right: true }]}
            rows=${rows}
          />`
    }
    ${!answer.held_complete && html`<p class="more">Only the first ${rows.length} are listed.</p>`}
  <//>`;
}

/** How a verdict of the policy is shown. */
function Verdict({ verdict }: { readonly verdict: string }): VNode {
  if (verdict === 'granted') return html`<${State} kind="ok">would get it<//>`;
  if (verdict === 'approval') return html`<${State} kind="wait">if a person approves<//>`;
  return html`<span><${State} kind="deny">refused<//> <code class="sub">${verdict}</code></span>`;
}

const ByPolicy = ({ answer }: { readonly answer: WhoCan }): VNode => {
  const { by_policy: all, over, version } = answer;
  const order = (verdict: string) => (verdict === 'granted' ? 0 : verdict === 'approval' ? 1 : 2);
  const sorted = [...all].sort((a, b) => order(a.verdict) - order(b.verdict));
  const rows = sorted.map((one, index): Row => {
    const { agent, verdict, conditions, lacking = [], limits, grant, rule, example } = one;
    const lines = verdict === 'granted' || verdict === 'approval' ? conditions : lacking;
    return {
      key: `${agent} ${grant.tool} ${grant.dataset} ${index}`,
      cells: [
        {
          wide: true,
          content: html`<b>${shortIdentity(agent)}</b>
            ${example.subject !== undefined && html`<span class="sub">for ${subjectWords(example.subject)}${one.subjects > 1 && ` and ${one.subjects - 1} more`}</span>`}`,
        },
        html`<${Verdict} verdict=${verdict} />`,
        {
          wide: true,
          content: html`${reachWords(grant)}<span class="sub mono">${grant.tool}</span>
            ${limitWords(grant.constraints).map((line) => html`<span class="sub">${line}</span>`)}
            ${limits?.holder_required && html`<span class="sub">bound to the agent’s key</span>`}`,
        },
        {
          wide: true,
          content: html`${lines.map((line) => html`<span class="sub">${line}</span>`)}`,
        },
        {
          content:
            rule &&
            html`<a class="nowrap" href=${addressOf('policy', [], { rule: `${rule.file}:${rule.line}` })} title=${rule.text}
              >${rule.file.split('/').at(-1)}, line ${rule.line}</a
            >`,
        },
      ],
    };
  });
  return html`<${Card}
    title="By the policy"
    hint=${html`Decided now by the engine of the issuer itself, for the agents that have asked for
    anything before (${plural(over.requests, 'recorded request')}). ${version && html`Version <code>${version.slice(0, 12)}</code>. `}
    Nothing here is held yet.`}
  >
    ${
      rows.length === 0
        ? html`<${Empty} title="No agent that is known would get it"
            ><p>An agent that has never asked for anything is not known here.</p><//
          >`
        : html`<${Table}
            label="By the policy"
            heads=${['Agent', 'Verdict', 'What', 'On what condition', 'Rule']}
            rows=${rows}
          />`
    }
    ${!answer.by_policy_complete && html`<p class="more">Only some of the possible requests were decided.</p>`}
  <//>`;
};

function Unused({ answer }: { readonly answer: WhoCan }): VNode {
  const now = useNow();
  const rows = answer.unused.map(
    (one, index): Row => ({
      key: `${one.agent} ${one.tool} ${one.dataset} ${index}`,
      cells: [
        { wide: true, content: html`${reachWords(one)}<span class="sub mono">${one.tool}</span>` },
        { wide: true, content: shortIdentity(one.agent) },
        { right: true, name: 'given', content: numberText(one.given) },
        { right: true, name: 'used', content: numberText(one.used) },
        { right: true, name: 'last given', content: ago(one.last_given, now) },
      ],
    }),
  );
  const since = readIso(answer.over.since);
  return html`<${Card}
    title="Granted and never used"
    hint=${`What the records of the last ${since === undefined ? 'days' : span(now - since, 'coarse')} show. A grant that no agent uses can leave the policy.`}
  >
    ${
      answer.unused_known && rows.length > 0
        ? html`<${Table}
            label="Granted and never used"
            heads=${[
              'Grant',
              'Given to',
              { text: 'Times given', right: true },
              { text: 'Used', right: true },
              { text: 'Last given', right: true },
            ]}
            rows=${rows}
          />`
        : html`<p class="pad muted">
            ${answer.unused_known ? html`<${Pill}>none<//> All that was given was used.` : 'The issuer does not know yet which grants were used.'}
          </p>`
    }
  <//>`;
}
