import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  callIssuer,
  FaultNote,
  issuerNow,
  useFrame,
  useLoaded,
  useMay,
  useNow,
} from '../frame/index.ts';
import { plural } from '../plural.ts';
import { readIso } from '../time.ts';
import {
  Card,
  type Content,
  Empty,
  html,
  PageHead,
  Stats,
  type Tab,
  Table,
  Tabs,
  Term,
} from '../ui/index.ts';
import {
  chips,
  filterHref,
  filterWords,
  type NowFilter,
  readFilter,
  SHOWS,
  type Show,
} from './filter.ts';
import { ROWS_MAX } from './live-list.ts';
import { LiveState } from './live-state.ts';
import { loadSeries } from './load.ts';
import { PlotCard } from './plot-card.ts';
import { SearchField } from './search-field.ts';
import type { SeriesPoint } from './series.ts';
import { type Counts, statsOf, type VerifierCount } from './stats.ts';
import { selectorOf } from './stop-many.ts';
import { StopManyDialog } from './stop-many-dialog.ts';
import { type LiveWorkflows, useLiveList } from './use-live-list.ts';
import { WORKFLOW_HEADS, workflowRow } from './workflow-row.ts';

/** What runs now, what is odd about it, and how it got there. */
export function NowPage(): VNode {
  const { address, session } = useFrame();
  const filter = readFilter(address.query);
  const found = useLiveList(filter);
  const hour = useSeries(undefined);
  const series = useSeries(filter.from);
  const verifiers = useVerifiers();
  const { counts } = found;
  const isNew = counts !== undefined && isNothingYet(counts, found, filter);
  return html`<div>
    <${PageHead}
      title="Now"
      lead=${html`<span>Every <${Term} word="workflow" /> of the last days, newest first.</span>`}
    >
      <a class="btn" href="#/denied">Denied</a>
      <${LiveState} />
    <//>
    ${
      counts &&
      !isNew &&
      html`<${Stats}
        stats=${statsOf({
          counts,
          denialsLastHour: hour?.reduce((sum, [, , denials]) => sum + denials, 0),
          waitingForMe: session.waiting,
          verifiers,
        })}
      />`
    }
    ${
      series &&
      !isNew &&
      html`<${PlotCard}
        key=${filter.from ?? ''}
        title=${filter.from === undefined ? 'Calls, last hour' : 'Calls since then'}
        points=${series}
        filter=${filter}
      />`
    }
    <${Card} title="Workflows">
      <div class="filters">
        <${Tabs} label="Which workflows" tabs=${tabsOf(filter, counts)} />
        ${chips(filter).map(
          ({ text, without }) => html`<span class="chip" key=${text}
            >${text}<a href=${without} aria-label=${`Remove the filter ${text}`}>×</a></span
          >`,
        )}
        <${SearchField} key=${filter.q ?? ''} filter=${filter} />
      </div>
      <${Workflows} found=${found} filter=${filter} isNew=${isNew} />
    <//>
  </div>`;
}

/** Nothing has ever run, which is no empty answer to a filter. */
const isNothingYet = (counts: Counts, { list }: LiveWorkflows, filter: NowFilter): boolean =>
  filterHref(filter) === filterHref({}) &&
  list?.rows.length === 0 &&
  counts.running + counts.stopped + counts.waiting + counts.denied === 0;

/** Whether stops arrive: how many of the verifiers have the newest entry. */
function useVerifiers(): VerifierCount | undefined {
  const { value } = useLoaded('health', () => callIssuer('GET', '/health', {}));
  if (!value) return undefined;
  const { verifiers, verifiers_seen: seen, verifiers_current: current } = value;
  return { seen, current, behind: verifiers.find(({ state }) => state === 'behind')?.name };
}

const HOUR_MILLISECONDS = 3_600_000;

/** Loads calls, denials and mints: of the last hour, or since the time of the filter. */
function useSeries(from: string | undefined): readonly SeriesPoint[] | undefined {
  const { value } = useLoaded(`series ${from ?? ''}`, () => {
    const now = issuerNow();
    return loadSeries(readIso(from) ?? now - HOUR_MILLISECONDS, now);
  });
  return value?.points;
}

function tabsOf(filter: NowFilter, counts: Counts | undefined): readonly Tab[] {
  const numbers: { readonly [One in Show]?: number | undefined } = {
    running: counts?.running,
    denied: counts?.denied,
    waiting: counts?.waiting,
    stopped: counts?.stopped,
  };
  const all = {
    text: 'All',
    href: filterHref(filter, { show: undefined }),
    isCurrent: !filter.show,
  };
  return [
    all,
    ...Object.entries(SHOWS).map(([name, { tab }]) => ({
      text: tab,
      href: filterHref(filter, { show: name as Show }),
      isCurrent: filter.show === name,
      count: numbers[name as Show],
    })),
  ];
}

/** The ages in the list are coarse, and each change draws up to 500 rows again. */
const AGE_MILLISECONDS = 5_000;

interface WorkflowsProps {
  readonly found: LiveWorkflows;
  readonly filter: NowFilter;
  readonly isNew: boolean;
}

function Workflows({ found, filter, isNew }: WorkflowsProps): VNode {
  const now = useNow(AGE_MILLISECONDS);
  const maySuspend = useMay('suspend');
  const canStop = maySuspend && selectorOf(filter) !== undefined;
  const { list, fault } = found;
  if (list === undefined) {
    return fault
      ? html`<div class="pad"><${FaultNote} fault=${fault} what="the workflows" /></div>`
      : html`<p class="pad muted" role="status">Loading workflows…</p>`;
  }
  const rows = list.rows.map((row) =>
    workflowRow(row, { now, filter, isFresh: list.fresh.has(row.id) }),
  );
  return html`<div class=${found.isOld ? 'loading-over' : undefined}>
    ${
      list.held.length > 0 &&
      html`<button type="button" class="newer" onClick=${found.showNew}>
        ${list.held.length} new, show
      </button>`
    }
    ${
      rows.length > 0
        ? html`<${Table} label="Workflows" heads=${WORKFLOW_HEADS} rows=${rows} />`
        : isNew
          ? html`<${NothingYet} />`
          : html`<${NothingFound} filter=${filter} />`
    }
    ${rows.length > 0 && footOf(found, canStop && html`<${StopMany} filter=${filter} />`)}
  </div>`;
}

function footOf({ list, isLoadingOlder, loadOlder }: LiveWorkflows, stop: Content): Content {
  if (!list) return null;
  const shown = plural(list.rows.length, 'workflow');
  const isFull = list.isCut || list.rows.length >= ROWS_MAX;
  const words = isFull
    ? `The newest ${shown}. Narrow the filter to see older ones.`
    : list.next === undefined
      ? `${shown}, and no older one is like this.`
      : shown;
  return html`<div class="more">
    <span>${words}</span>
    <span class="row">
      ${
        !isFull &&
        list.next !== undefined &&
        html`<button type="button" class="btn quiet" disabled=${isLoadingOlder} onClick=${loadOlder}>
          ${isLoadingOlder ? 'Loading…' : 'Show older'}
        </button>`
      }
      ${stop}
    </span>
  </div>`;
}

/** The button that stops what the list matches. */
function StopMany({ filter }: { readonly filter: NowFilter }): VNode {
  const [isOpen, setOpen] = useState(false);
  return html`<span>
    <button type="button" class="btn quiet" onClick=${() => setOpen(true)}>
      Suspend what this list matches…
    </button>
    ${isOpen && html`<${StopManyDialog} filter=${filter} onClose=${() => setOpen(false)} />`}
  </span>`;
}

const NothingYet = (): VNode =>
  html`<${Empty} title="Nothing has run yet">
    <p>
      A workflow appears here with its first capability. To see one now, run the walk-through in a
      checkout of Hewn:
    </p>
    <code class="code">npm start</code>
  <//>`;

const NothingFound = ({ filter }: { readonly filter: NowFilter }): VNode => {
  const words = filterWords(filter);
  return html`<${Empty} title="No workflow is like that">
    <p>
      Looked for ${words === '' ? 'every workflow' : words}. What a workflow did stays in the trail
      after its end.
    </p>
    <div class="row centred">
      <a class="btn" href="#/now">Clear the filter</a>
      <a class="btn" href=${filter.q === undefined ? '#/trail' : `#/trail?q=${encodeURIComponent(filter.q)}`}>Look in the trail</a>
    </div>
  <//>`;
};
