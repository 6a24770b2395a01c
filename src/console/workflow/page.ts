import type { VNode } from 'preact';
import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { addressOf, filteredBy, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { span } from '../time.ts';
import { Card, Empty, html, Meter, PageHead, State, Term, When } from '../ui/index.ts';
import { isOver, shownState } from '../workflow-state.ts';
import { budgetRows } from './budgets.ts';
import { FactsCard } from './facts-card.ts';
import { GrantsCard } from './grants-card.ts';
import { HistoryCard } from './history-card.ts';
import { loadTokens, loadWorkflow, type ShownWorkflow } from './load.ts';
import { OrderButtons } from './order-buttons.ts';
import { shownToken, type TokenNode } from './shown-tokens.ts';
import { StateNotes } from './state-notes.ts';
import { TimelineCard } from './timeline-card.ts';
import { TreePicture } from './tree-picture.ts';
import { useRecords } from './use-records.ts';

/** One workflow: what it did, why it was denied, what it may do, and the buttons that stop it. */
export function WorkflowPage(): VNode {
  const { address } = useFrame();
  const [id = ''] = address.rest;
  const loaded = useLoaded(`workflow ${id}`, () => loadWorkflow(id));
  if (loaded.fault?.kind === 'not_found') return html`<${NoSuchWorkflow} id=${id} />`;
  return html`<div>
    <${Head} id=${id} workflow=${loaded.value} onOrder=${loaded.reload} />
    <${Shown} loaded=${loaded} what="the workflow">
      ${(workflow: ShownWorkflow) => html`<${Whole} workflow=${workflow} />`}
    <//>
  </div>`;
}

interface HeadProps {
  readonly id: string;
  /** Undefined until it is loaded. */
  readonly workflow: ShownWorkflow | undefined;
  readonly onOrder: () => void;
}

/** Stands there from the start: it takes the focus of a person who comes from another page. */
function Head({ id, workflow, onOrder }: HeadProps): VNode {
  const now = useNow();
  const crumb = html`<span><a href="#/now">Now</a> / <span class="mono">${id}</span></span>`;
  if (!workflow) return html`<${PageHead} title="Workflow" crumb=${crumb} />`;
  const { mark, word } = shownState(workflow.state);
  const began = toMilliseconds(workflow.startedAt);
  return html`<${PageHead}
    title=${workflow.task}
    crumb=${crumb}
    lead=${html`<span class="row"
      ><${State} kind=${mark}>${word}<//><span>·</span
      ><span
        >began <${When} at=${began} now=${now} />${`, ${span(now - began)} ago`}</span
      ></span
    >`}
  >
    <${OrderButtons} workflow=${workflow} onOrder=${onOrder} />
  <//>`;
}

/** The address may be cut off, or the workflow has ended and was closed. */
const NoSuchWorkflow = ({ id }: { readonly id: string }): VNode =>
  html`<section class="card">
    <${Empty} title="No workflow has this id" heading="h1">
      <p>
        The address may be cut off, or the workflow is closed, which happens an hour after its end.
        What it did stays in the trail.
      </p>
      <div class="row centred">
        <a class="btn" href="#/now">To Now</a>
        <a class="btn" href=${addressOf('trail', [], { by: 'workflow', value: id })}>Look in the trail</a>
      </div>
    <//>
  </section>`;

function Whole({ workflow }: { readonly workflow: ShownWorkflow }): VNode {
  const { address } = useFrame();
  const now = useNow();
  const read = useRecords(workflow.id);
  const records = read.value?.records ?? [];
  return html`<div>
    <${StateNotes} workflow=${workflow} records=${records} />
    <${FactsCard} workflow=${workflow} records=${records} now=${now} />
    <div class="cols after-facts">
      <div>
        <${TimelineCard} workflow=${workflow} read=${read} now=${now} />
        <${Delegation}
          id=${workflow.id}
          picked=${address.query.get('token') ?? undefined}
          hrefOf=${(token: string) => filteredBy(address, { token })}
          now=${now}
        />
      </div>
      <div>
        <${Budgets} workflow=${workflow} now=${now} />
        <${HistoryCard} workflow=${workflow} />
        <${GrantsCard} workflow=${workflow} records=${records} now=${now} />
        <${Below} workflow=${workflow} />
      </div>
    </div>
  </div>`;
}

interface DelegationProps {
  readonly id: string;
  readonly picked: string | undefined;
  readonly hrefOf: (token: string) => string;
  readonly now: UnixMilliseconds;
}

function Delegation({ id, picked, hrefOf, now }: DelegationProps): VNode {
  const loaded = useLoaded(`tokens ${id}`, () => loadTokens(id));
  const hint = html`<span>
    Each box is a token. It can do what every box before it can do, and less.${' '}
    <${Term} word="narrowed">Narrowed<//> tokens for the same tool are one box.
  </span>`;
  return html`<${Card} title="Delegation" hint=${hint}>
    <${Shown} loaded=${loaded} what="the tokens">
      ${({ tokens, complete }: { tokens: readonly TokenNode[]; complete: boolean }) =>
        html`<div>
          <${TreePicture}
            tokens=${tokens.map((token) => shownToken(token, now))}
            picked=${picked}
            hrefOf=${hrefOf}
          />
          ${
            !complete &&
            html`<p class="pad hint">
              The workflow has more records than this picture is made of.
            </p>`
          }
        </div>`}
    <//>
  <//>`;
}

function Budgets({ workflow, now }: { workflow: ShownWorkflow; now: UnixMilliseconds }): VNode {
  const { startedAt, ends, meters, state } = workflow;
  const [begun, end] = [toMilliseconds(startedAt), toMilliseconds(ends)];
  const ran = Math.min(now, end) - begun;
  const time = {
    name: 'Run time',
    part: end > begun ? ran / (end - begun) : 1,
    words: `${span(ran)} of ${span(end - begun)}`,
  };
  const rows = [...budgetRows(meters), ...(isOver(state) ? [] : [time])];
  return html`<${Card} title="Budgets" padded>
    ${rows.map(({ name, part, words }) => html`<${Meter} key=${name} name=${name} part=${part} text=${words} />`)}
    ${rows.length === 0 && html`<p class="muted">The policy sets no budget.</p>`}
  <//>`;
}

/** The workflows above and below this one. */
const Below = ({ workflow }: { workflow: ShownWorkflow }): VNode | null => {
  const { children, parent } = workflow;
  if (children.length === 0 && parent === undefined) return null;
  const link = (id: string): VNode =>
    html`<li key=${id}><a class="mono" href=${addressOf('w', [id])}>${id}</a></li>`;
  return html`<${Card} title="Related workflows" padded>
    ${parent !== undefined && html`<h3>Above it</h3>`}
    ${parent !== undefined && html`<ul>${link(parent)}</ul>`}
    ${children.length > 0 && html`<h3>Below it</h3>`}
    ${children.length > 0 && html`<ul>${children.map(link)}</ul>`}
  <//>`;
};
