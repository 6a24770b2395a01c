import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, Shown, useLoaded, useMay } from '../frame/index.ts';
import { Empty, html, PageHead, shortId } from '../ui/index.ts';
import { ActivateDialog } from './activate.ts';
import { useActiveVersion } from './active.ts';
import { Editor, type Version } from './editor.ts';
import { type Trial, TrialResult } from './trial.ts';

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
      id !== undefined
        ? html`<${Stored} id=${id} />`
        : shown === undefined
          ? html`<${Shown} loaded=${active} what="the active version">${() => html`<${NoneActive} />`}<//>`
          : html`<${Shown} loaded=${version} what="the texts"
              >${(value: Version) => html`<${Editor} version=${value} />`}<//
            >`
    }
  </div>`;
}

/** The issuer decides by its configuration, which no page can change. */
const NoneActive = (): VNode =>
  html`<section class="card">
    <${Empty} title="There are no texts to change">
      <p>
        No version was activated. <code>hewn versions load</code> stores the first one, from the files
        of a deployment.
      </p>
    <//>
  </section>`;

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
