import type { VNode } from 'preact';
import { Card, Facts, html, PageHead, WORDS } from '../ui/index.ts';

/** Every word that the console explains, in one list. */
export const WordsPage = (): VNode =>
  html`<div>
    <${PageHead} title="Words" lead="Every dotted word in the console opens its line of this list." />
    <${Card} label="Words" padded>
      <${Facts} facts=${Object.entries(WORDS).map(([word, text]) => [html`<b>${word}</b>`, text])} />
    <//>
  </div>`;
