import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Code, html, Note } from '../ui/index.ts';
import { BLANK_HINTS, type Blank } from './blank.ts';
import type { Proposal } from './proposal.ts';

const STANDINGS: Readonly<
  Record<Proposal['standing'], { readonly head: (what: string) => string; readonly rest: string }>
> = {
  'in draft': {
    head: (what) => `This draft has ${what}.`,
    rest: 'Nothing is active before you say so.',
  },
  blank: {
    head: (what) => `One value is missing for ${what}.`,
    rest: 'The issuer has only its digest, so you have to fill it in. Nothing is active before you say so.',
  },
  'no place': {
    head: (what) => `The active policy has no place for ${what}.`,
    rest: 'It was proposed for an older version. Put it in by hand, if you want it:',
  },
};

interface NoteProps {
  readonly proposal: Proposal;
  /** Returns false if the blank does not take the value. */
  readonly onFill: (given: string) => boolean;
}

/** Says where the change of a draft comes from, what it costs, and what is missing. */
export const ProposedNote = ({ proposal, onFill }: NoteProps): VNode => {
  const { what, from, diff, warning, standing, blank } = proposal;
  const { head, rest } = STANDINGS[standing];
  return html`<${Note} kind="wait">
    <b>${head(what)} </b>${rest}
    ${warning !== undefined && html`<p>${warning}</p>`}
    ${standing !== 'in draft' && html`<${Code} diff text=${diff.map(({ sign, text }) => `${sign}${text}`).join('\n')} />`}
    ${standing === 'blank' && blank && html`<${BlankForm} blank=${blank} onFill=${onFill} />`}
    <p class="small">${from}</p>
  <//>`;
};

function BlankForm({
  blank: { form, pointer },
  onFill,
}: {
  readonly blank: Blank;
  readonly onFill: NoteProps['onFill'];
}): VNode {
  const [value, setValue] = useState('');
  const [isRefused, setRefused] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    setRefused(!onFill(value));
  };
  return html`<form class="stack" onSubmit=${submit}>
    <div>
      <label for="blank">The value of ${pointer === '' ? 'the arguments' : html`<code>${pointer}</code>`}</label>
      <input
        id="blank"
        autocomplete="off"
        spellcheck=${false}
        value=${value}
        aria-describedby="blank-hint"
        aria-invalid=${isRefused ? 'true' : undefined}
        onInput=${(event: Event) => setValue((event.currentTarget as HTMLInputElement).value)}
      />
      <p class=${isRefused ? 'hint fault' : 'hint'} id="blank-hint" role=${isRefused ? 'alert' : undefined}>
        ${BLANK_HINTS[form]}
      </p>
    </div>
    <div class="acts"><button class="btn main">Put it into the draft</button></div>
  </form>`;
}
