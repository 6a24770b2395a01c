import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { addressOf, filteredBy, Shown, useFrame, useLoaded } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { zoneName } from '../time.ts';
import { Empty, html, PageHead, type Row, State, shortId, Table, Term, When } from '../ui/index.ts';
import { hidesCanaries, isOpen, readTrailFilter, SEARCHES, type TrailFilter } from './filter.ts';
import { RECORD_EVENTS, recordLine } from './record-words.ts';
import { type Found, type FoundRecord, RECORDS_SHOWN_MAX, searchTrail } from './search.ts';
import { useVerification, Verification } from './verification.ts';

const NEWEST = 50;

/** Every record, to be searched, and to be verified in the browser itself. */
export function TrailPage(): VNode {
  const { address, live } = useFrame();
  const filter = readTrailFilter(address.query);
  const newest = Math.min(Number(address.query.get('newest')) || NEWEST, RECORDS_SHOWN_MAX);
  const key = JSON.stringify([filter, newest]);
  const found = useLoaded(`trail ${key}`, () => searchTrail(filter, newest));
  const verification = useVerification(key, found.value?.records ?? []);
  return html`<div>
    <${PageHead}
      title="Trail"
      lead="Every grant, decision, effect, answer and order. None can be taken out or changed without it showing."
    >
      <button
        type="button"
        class="btn main"
        disabled=${!found.value?.records.length || verification.isRunning}
        onClick=${verification.start}
      >
        ${verification.isRunning ? 'Verifying…' : 'Verify what is shown'}
      </button>
    <//>
    <${Verification} of=${verification} />
    <section class="card" aria-label="Records">
      <${Search} key=${key} filter=${filter} />
      <${Canaries} filter=${filter} hidden=${found.value?.hidden} />
      <${Shown} loaded=${found} what="records"
        >${(value: Found) => html`<${Records}
          found=${value}
          filter=${filter}
          newest=${newest}
          unproven=${verification.unproven}
          now=${live.asOf}
        />`}<//
      >
    </section>
  </div>`;
}

function Search({ filter }: { readonly filter: TrailFilter }): VNode {
  const [by, setBy] = useState<string>(filter.by ?? 'workflow');
  const isFiltered = !isOpen(filter);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = (name: string) => String(form.get(name) ?? '').trim();
    const value = given('value');
    const { canaries } = filter;
    const query = {
      event: given('event'),
      day: given('day'),
      ...(value !== '' && { by, value }),
      ...(canaries && { canaries }),
    };
    location.hash = addressOf('trail', [], query);
  };
  return html`<form class="filters search-form" role="search" onSubmit=${submit}>
    <div>
      <label for="trail-by">Find by</label>
      <select
        id="trail-by"
        onChange=${(event: Event) => setBy((event.currentTarget as HTMLSelectElement).value)}
      >
        ${Object.entries(SEARCHES).map(
          ([key, text]) => html`<option value=${key} selected=${key === by}>${text}</option>`,
        )}
      </select>
    </div>
    <div class="grow">
      <label for="trail-value">Which</label>
      <input
        id="trail-value"
        name="value"
        type="search"
        autocomplete="off"
        spellcheck=${false}
        key=${filter.value ?? ''}
        defaultValue=${filter.value ?? ''}
        placeholder="Exactly as records spell it"
      />
    </div>
    <div>
      <label for="trail-event">Kind</label>
      <select id="trail-event" name="event">
        <option value="">any</option>
        ${RECORD_EVENTS.map(
          (event) =>
            html`<option value=${event} selected=${event === filter.event}>${event.replaceAll('_', ' ')}</option>`,
        )}
      </select>
    </div>
    <div>
      <label for="trail-day">Day, UTC</label>
      <input id="trail-day" name="day" type="date" key=${filter.day ?? ''} defaultValue=${filter.day ?? ''} />
    </div>
    <div class="row">
      <button class="btn">Find</button>
      ${isFiltered && html`<a class="btn quiet" href=${addressOf('trail')}>Clear</a>`}
    </div>
  </form>`;
}

interface CanariesProps {
  readonly filter: TrailFilter;
  readonly hidden: number | undefined;
}

/** A list must say what it leaves out. */
function Canaries({ filter, hidden }: CanariesProps): VNode | null {
  const { address } = useFrame();
  if (hidesCanaries(filter)) {
    if (hidden === undefined || hidden === 0) return null;
    return html`<p class="more top">
      <span>Left out: ${plural(hidden, 'stop')} of the <${Term} word="drill">drill<//>’s test workflows.</span>
      <a href=${filteredBy(address, { canaries: 'shown' })}>Show them</a>
    </p>`;
  }
  if (filter.canaries === undefined) return null;
  return html`<p class="more top">
    <span>With the stops of the <${Term} word="drill">drill<//>’s test workflows.</span>
    <a href=${filteredBy(address, { canaries: undefined })}>Leave them out</a>
  </p>`;
}

interface RecordsProps {
  readonly found: Found;
  readonly filter: TrailFilter;
  readonly newest: number;
  readonly unproven: ReadonlyMap<string, string>;
  readonly now: number;
}

function Records({ found, filter, newest, unproven, now }: RecordsProps): VNode {
  const { address } = useFrame();
  const { records, isAll } = found;
  if (records.length === 0) {
    return isOpen(filter)
      ? html`<${Empty} title="Nothing is recorded yet">
          <p>The first record is written when an agent asks for a capability.</p>
        <//>`
      : html`<${Empty} title="No record is like that">
          <p>
            Looked for ${lookedFor(filter)}. Records of before the retention are gone; their
            fingerprints are kept.
          </p>
          <a class="btn" href=${addressOf('trail')}>Clear the search</a>
        <//>`;
  }
  const isNewest = isOpen(filter);
  return html`<div>
    <${Table}
      label="Records"
      heads=${[`Time, ${zoneName(now)}`, 'What', 'Workflow', 'From', { text: 'Record', right: true }]}
      rows=${records.map((one) => recordRow(one, unproven.get(`${one.log}:${one.index}`), now))}
    />
    <div class="more">
      <span>
        ${plural(records.length, 'record')}${isAll ? ', all that match' : isNewest ? ', the newest' : `, the newest ${RECORDS_SHOWN_MAX} found`}
      </span>
      ${
        isNewest &&
        newest < RECORDS_SHOWN_MAX &&
        html`<a href=${filteredBy(address, { newest: String(Math.min(newest * 3, RECORDS_SHOWN_MAX)) })}>Show older ones</a>`
      }
    </div>
  </div>`;
}

function lookedFor({ by, value, event, day }: TrailFilter): string {
  const parts = [
    by && `${SEARCHES[by].toLowerCase()} “${value}”`,
    event && `the kind ${event}`,
    day && `the day ${day} (UTC)`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function recordRow(
  { log, index, record, erased }: FoundRecord,
  fault: string | undefined,
  now: number,
): Row {
  const { kind, words, reason } = recordLine(record);
  const { workflow } = record;
  const verifier =
    'verifier' in record && typeof record.verifier === 'string' ? record.verifier : 'issuer';
  return {
    key: `${log}:${index}`,
    cells: [
      { content: html`<${When} at=${record.at} now=${now} />` },
      {
        wide: true,
        content: html`<${State} kind=${kind}><span class="sr">${record.event}: </span><//><span class="record">${words}</span>
          ${reason && html`<span class="sub">“${reason}”</span>`}
          ${erased && erased.length > 0 && html`<span class="sub">erased: ${erased.join(', ')}</span>`}
          ${fault && html`<span class="sub"><${State} kind="stop">${fault}<//></span>`}
          <details class="raw"><summary class="sub">${record.event.replaceAll('_', ' ')}, all of it</summary>
            <pre class="code" tabindex="0">${JSON.stringify(record, null, 1)
              .split('\n')
              .map((line) => html`<span class="line">${line}</span>`)}</pre>
          </details>`,
      },
      {
        mono: true,
        content:
          typeof workflow === 'string' &&
          html`<a class="nowrap" href=${addressOf('w', [workflow])} title=${workflow}>${shortId(workflow)}</a>`,
      },
      { name: 'from', content: html`<span class="muted nowrap">${shortId(verifier)}</span>` },
      {
        right: true,
        name: 'record',
        content: html`<span class="muted nowrap">${log} ${index}</span>`,
      },
    ],
  };
}
