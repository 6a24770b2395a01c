import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import {
  callIssuer,
  type Fault,
  FaultNote,
  Shown,
  useFrame,
  useLoaded,
  useMay,
} from '../frame/index.ts';
import { Card, html, Note, PageHead, say, shortId } from '../ui/index.ts';
import { ActivateDialog } from './activate.ts';
import { useActiveVersion } from './active.ts';
import { Faults } from './faults.ts';
import { type Trial, TrialResult } from './trial.ts';

type Version = RouteAnswer<typeof ADMIN_API.versions.showVersion>;

/** A draft lives as long as the page, and nowhere else until it is stored as a version. */
const draft = new Map<string, string>();
const CATALOGUE = 'the catalogue';

const crumb = html`<a href="#/policy">Policy</a>`;

/** What would change: for a stored version, or for texts that are edited here. */
export function DraftPage({ id }: { readonly id?: string }): VNode {
  const active = useActiveVersion();
  const shown = id ?? active.value?.active?.version;
  const version = useLoaded(`version ${shown ?? ''}`, () =>
    callIssuer('GET', '/versions/:id', { params: { id: shown ?? '' } }),
  );
  const title = id === undefined ? 'Draft' : `Version ${shortId(id)}`;
  const lead =
    id === undefined
      ? 'Change the active policy here, and see which recorded requests would be decided otherwise. Nothing is active before you say so.'
      : 'Which recorded requests this version would decide otherwise than the active one.';
  return html`<div>
    <${PageHead} title=${title} lead=${lead} crumb=${crumb} />
    ${
      id === undefined
        ? shown !== undefined &&
          html`<${Shown} loaded=${version} what="the texts"
            >${(value: Version) => html`<${Editor} version=${value} />`}<//
          >`
        : html`<${Stored} id=${id} />`
    }
  </div>`;
}

function Stored({ id }: { readonly id: string }): VNode {
  const trial = useLoaded(`try ${id}`, () =>
    callIssuer('POST', '/versions/drafts/try', { body: { version: id } }),
  );
  const [isActivating, setActivating] = useState(false);
  const mayActivate = useMay('activate-policy');
  return html`<div>
    <${Shown} loaded=${trial} what="what would change"
      >${(value: Trial) => html`<${TrialResult} trial=${value} />`}<//
    >
    <div class="acts">
      <button type="button" class="btn main" disabled=${!mayActivate} onClick=${() => setActivating(true)}>
        Activate…
      </button>
    </div>
    ${isActivating && html`<${ActivateDialog} id=${id} verb="Activate" onClose=${() => setActivating(false)} />`}
  </div>`;
}

function Editor({ version }: { readonly version: Version }): VNode {
  const { poller } = useFrame();
  const texts = new Map([...Object.entries(version.policy), [CATALOGUE, version.catalogue]]);
  const [file, setFile] = useState([...texts.keys()][0] ?? CATALOGUE);
  const [count, setCount] = useState(0);
  const [trial, setTrial] = useState<Trial>();
  const [fault, setFault] = useState<Fault>();
  const [isBusy, setBusy] = useState(false);
  const [stored, setStored] = useState<string>();
  const [isActivating, setActivating] = useState(false);
  const mayLoad = useMay('load-policy');
  const textOf = (name: string) => draft.get(name) ?? texts.get(name) ?? '';
  const changed = [...texts.keys()].filter((name) => textOf(name) !== texts.get(name));
  const body = () => ({
    policy: Object.fromEntries(Object.keys(version.policy).map((name) => [name, textOf(name)])),
    catalogue: textOf(CATALOGUE),
  });
  const run = async () => {
    setBusy(true);
    const answer = await callIssuer('POST', '/versions/drafts/try', { body: body() });
    setBusy(false);
    setTrial(answer.ok ? answer.value : undefined);
    setFault(answer.ok ? undefined : answer.error);
    say(answer.ok ? 'Compared' : 'The draft does not load');
  };
  const store = async (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '');
    setBusy(true);
    const answer = await callIssuer('POST', '/versions', { body: { ...body(), reason } });
    setBusy(false);
    if (!answer.ok) return setFault(answer.error);
    setStored(answer.value.id);
    draft.clear();
    say('Stored');
    poller.reload();
  };
  return html`<div class="stacked">
    <${Card} title="The texts" aside=${html`<span class="small muted">${changed.length === 0 ? 'as they are active' : `changed: ${changed.join(', ')}`}</span>`} padded>
      <label for="draft-file">File</label>
      <select id="draft-file" onChange=${(event: Event) => setFile((event.currentTarget as HTMLSelectElement).value)}>
        ${[...texts.keys()].map((name) => html`<option value=${name} selected=${name === file}>${name}</option>`)}
      </select>
      <label for="draft-text" class="sr">Text of ${file}</label>
      <textarea
        id="draft-text"
        class="mono source"
        spellcheck=${false}
        key=${file}
        value=${textOf(file)}
        onInput=${(event: Event) => {
          draft.set(file, (event.currentTarget as HTMLTextAreaElement).value);
          setCount(count + 1);
        }}
      ></textarea>
      <div class="acts">
        <button type="button" class="btn" disabled=${changed.length === 0} onClick=${() => {
          draft.clear();
          setTrial(undefined);
          setCount(count + 1);
        }}>Discard</button>
        <button type="button" class="btn main" disabled=${isBusy || !mayLoad || changed.length === 0} onClick=${run}>Try it</button>
      </div>
      ${!mayLoad && html`<p class="hint">Trying a draft needs the role policy author or administrator.</p>`}
    <//>
    ${fault && html`<${FaultNote} fault=${fault} what="the comparison" /><${Faults} fault=${fault} />`}
    ${trial && html`<${TrialResult} trial=${trial} />`}
    ${
      trial &&
      stored === undefined &&
      html`<${Card} title="Store it as a version" hint="Nothing decides by it yet. Others can look at it, and activate it." padded>
        <form class="stack" onSubmit=${store}>
          <div>
            <label for="draft-reason">Reason</label>
            <textarea id="draft-reason" name="reason" required maxlength="512"></textarea>
          </div>
          <div class="acts"><button class="btn" disabled=${isBusy}>Store</button></div>
        </form>
      <//>`
    }
    ${
      stored !== undefined &&
      html`<${Note} kind="ok">
        <b>Stored as <code>${shortId(stored)}</code>. </b>Nothing decides by it yet.
        <div class="row"><button type="button" class="btn" onClick=${() => setActivating(true)}>Activate…</button></div>
      <//>`
    }
    ${isActivating && stored !== undefined && html`<${ActivateDialog} id=${stored} verb="Activate" onClose=${() => setActivating(false)} />`}
  </div>`;
}
