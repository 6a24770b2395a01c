import type { VNode } from 'preact';
import { useFrame } from '../frame/index.ts';
import { html, PageHead } from '../ui/index.ts';
import { ActiveVersion } from './active.ts';
import { DraftPage } from './draft.ts';
import { Rules } from './rules.ts';
import { Suggestions } from './suggestions.ts';
import { Versions } from './versions.ts';

/** What agents may be given: which rule does what, what a draft would change, and every version. */
export function PolicyPage(): VNode {
  const [part, id] = useFrame().address.rest;
  if (part === 'draft') return html`<${DraftPage} />`;
  if (part === 'try' && id !== undefined) return html`<${DraftPage} id=${id} />`;
  return html`<div>
    <${PageHead}
      title="Policy"
      lead="What agents may be given. The version that issued a token stands in its record."
    >
      <a class="btn" href="#/policy/draft">Write a draft</a>
    <//>
    <${ActiveVersion} />
    <${Rules} />
    <div class="stacked"><${Suggestions} /></div>
    <${Versions} />
  </div>`;
}
