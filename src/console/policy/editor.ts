import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { callIssuer, type Fault, FaultNote, useMay } from '../frame/index.ts';
import { Card, html, say } from '../ui/index.ts';
import { Faults } from './faults.ts';
import { fillIntoDraft, type Proposal, takeIntoDraft } from './proposal.ts';
import { ProposedNote } from './proposed-note.ts';
import { StoreDraft } from './store-draft.ts';
import { type Trial, TrialResult } from './trial.ts';

export type Version = RouteAnswer<typeof ADMIN_API.versions.showVersion>;

/** A draft lives as long as the page, and nowhere else until it is stored as a version. */
const draft = new Map<string, string>();
const CATALOGUE = 'the catalogue';

/** The texts of the active version, to be changed, tried and stored as another one. */
export function Editor({ version }: { readonly version: Version }): VNode {
  const texts = new Map([...Object.entries(version.policy), [CATALOGUE, version.catalogue]]);
  const [proposal, setProposal] = useState<Proposal | undefined>(() => takeIntoDraft(draft, texts));
  const [file, setFile] = useState(proposal?.file ?? [...texts.keys()][0] ?? CATALOGUE);
  const [, setCount] = useState(0);
  const [trial, setTrial] = useState<Trial>();
  const [fault, setFault] = useState<Fault>();
  const [isBusy, setBusy] = useState(false);
  const mayLoad = useMay('load-policy');
  const textOf = (name: string) => draft.get(name) ?? texts.get(name) ?? '';
  const changed = [...texts.keys()].filter((name) => textOf(name) !== texts.get(name));
  const body = () => ({
    policy: Object.fromEntries(Object.keys(version.policy).map((name) => [name, textOf(name)])),
    catalogue: textOf(CATALOGUE),
  });
  const edited = () => setCount((count) => count + 1);
  const run = async () => {
    setBusy(true);
    const answer = await callIssuer('POST', '/versions/drafts/try', { body: body() });
    setBusy(false);
    setTrial(answer.ok ? answer.value : undefined);
    setFault(answer.ok ? undefined : answer.error);
    say(answer.ok ? 'Compared' : 'The draft does not load');
  };
  const discard = () => {
    draft.clear();
    setTrial(undefined);
    edited();
  };
  const fill = (given: string): boolean => {
    const filled = proposal && fillIntoDraft(proposal, given, draft, texts);
    if (filled) setProposal(filled);
    return filled !== undefined;
  };
  // A proposed change is tried as soon as it is whole, and no more than tried.
  const isInDraft = proposal?.standing === 'in draft';
  useEffect(() => {
    if (isInDraft && mayLoad) void run();
  }, [isInDraft]);
  return html`<div class="stacked">
    ${proposal && html`<${ProposedNote} proposal=${proposal} onFill=${fill} />`}
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
          edited();
        }}
      ></textarea>
      <div class="acts">
        <button type="button" class="btn" disabled=${changed.length === 0} onClick=${discard}>Discard</button>
        <button type="button" class="btn main" disabled=${isBusy || !mayLoad || changed.length === 0} onClick=${run}>Try it</button>
      </div>
      ${!mayLoad && html`<p class="hint">Trying a draft needs the role policy author or administrator.</p>`}
    <//>
    ${fault && html`<${FaultNote} fault=${fault} what="the comparison" /><${Faults} fault=${fault} />`}
    ${trial && html`<${TrialResult} trial=${trial} />`}
    ${trial && html`<${StoreDraft} body=${body} onStored=${() => draft.clear()} onFault=${setFault} />`}
  </div>`;
}
