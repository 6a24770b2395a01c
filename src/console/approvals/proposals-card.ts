import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  callIssuer,
  type Fault,
  FaultNote,
  Shown,
  useFrame,
  useLoaded,
  useNow,
} from '../frame/index.ts';
import { span } from '../time.ts';
import { Card, html, State, say, Term } from '../ui/index.ts';
import { ConfirmDialog } from './confirm-dialog.ts';
import { type Proposal, reasonsOf, type ShownProposal, shownProposal } from './proposal.ts';
import { ProposalFacts } from './proposal-facts.ts';

const loadProposals = () => callIssuer('GET', '/proposals', {});

/** The orders that wait for a second person. Without any, and without the rule, it is not shown. */
export function ProposalsCard(): VNode | null {
  const { session } = useFrame();
  const loaded = useLoaded('proposals', loadProposals);
  if (loaded.value?.proposals.length === 0 && session.twoPeople.length === 0) return null;
  const title = html`<span>Orders that wait for a <${Term} word="four eyes">second person<//></span>`;
  return html`<div class="proposals">
    <${Card} title=${title} label="Orders that wait for a second person">
      <${Shown} loaded=${loaded} what="the orders that wait">
        ${({ proposals }: { proposals: readonly Proposal[] }) =>
          html`<${ProposalList} proposals=${proposals} onChange=${loaded.reload} />`}
      <//>
    <//>
  </div>`;
}

interface ProposalListProps {
  readonly proposals: readonly Proposal[];
  readonly onChange: () => void;
}

function ProposalList({ proposals, onChange }: ProposalListProps): VNode {
  const { session } = useFrame();
  const now = useNow();
  // The dialog outlives the row: a refusal is shown after the proposal is used up.
  const [confirming, setConfirming] = useState<ShownProposal | undefined>();
  return html`<div>
    ${proposals.length === 0 && html`<p class="pad muted">No order waits for a second person.</p>`}
    <ul>
      ${proposals.map((proposal) => {
        const shown = shownProposal(proposal, session, now);
        return html`<${ProposalRow}
          key=${shown.id}
          proposal=${shown}
          now=${now}
          onConfirm=${() => setConfirming(shown)}
          onChange=${onChange}
        />`;
      })}
    </ul>
    ${
      confirming &&
      html`<${ConfirmDialog}
        proposal=${confirming}
        onClose=${() => {
          setConfirming(undefined);
          onChange();
        }}
      />`
    }
  </div>`;
}

interface ProposalRowProps {
  readonly proposal: ShownProposal;
  readonly now: number;
  readonly onConfirm: () => void;
  readonly onChange: () => void;
}

function ProposalRow({ proposal, now, onConfirm, onChange }: ProposalRowProps): VNode {
  const { poller } = useFrame();
  const { id, title, mayConfirm, mayWithdraw, endsAt } = proposal;
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const withdraw = (): void => {
    setSending(true);
    void callIssuer('DELETE', '/proposals/:id', { params: { id } }).then((answer) => {
      setSending(false);
      if (!answer.ok) return setFault(answer.error);
      say('Withdrawn');
      poller.reload();
      onChange();
    });
  };
  const reasons = reasonsOf(proposal);
  return html`<li class="proposal stack">
    <div class="row">
      <h3>${title}</h3>
      <${State} kind="wait">ends in ${span(endsAt - now)}<//>
    </div>
    <${ProposalFacts} proposal=${proposal} digits=${12} now=${now} />
    ${fault && html`<${FaultNote} fault=${fault} what="the withdrawal" />`}
    <div class="row">
      <button
        type="button"
        class="btn main"
        aria-label=${`Confirm: ${title}`}
        disabled=${mayConfirm !== true || isSending}
        onClick=${onConfirm}
      >
        Confirm…
      </button>
      <button
        type="button"
        class="btn"
        aria-label=${`Withdraw: ${title}`}
        disabled=${mayWithdraw !== true || isSending}
        onClick=${withdraw}
      >
        Withdraw
      </button>
      ${reasons.length > 0 && html`<p class="hint">${reasons.join(' ')}</p>`}
    </div>
  </li>`;
}
