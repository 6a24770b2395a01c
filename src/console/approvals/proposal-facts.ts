import type { VNode } from 'preact';
import type { UnixMilliseconds } from '../../clock.ts';
import { Facts, html, Term, When } from '../ui/index.ts';
import type { ShownProposal } from './proposal.ts';

/** Exactly what is ordered, who ordered it, and why. */
export const ProposalFacts = ({
  proposal,
  digits,
  now,
}: {
  readonly proposal: ShownProposal;
  /** How much of the digest is shown. */
  readonly digits?: number;
  readonly now: UnixMilliseconds;
}): VNode => {
  const { act, lines, by, reason, orderedAt, digest } = proposal;
  return html`<${Facts}
    facts=${[
      ...lines.map(({ name, value }) => [name, html`<code class="order">${value}</code>`]),
      ['Order', html`<code>${act}</code>`],
      ['Ordered by', html`<span>${by}, <${When} at=${orderedAt} now=${now} /></span>`],
      ['Reason', reason ?? 'The order has none.'],
      [html`<${Term} word="digest">Digest<//>`, html`<code>${digest.slice(0, digits)}</code>`],
    ]}
  />`;
};
