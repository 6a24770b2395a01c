import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { whyNot } from '../powers.ts';
import { Card, Empty, html, PageHead, type Row, Table, Term, When } from '../ui/index.ts';
import { type Denial, type DenialRow, denialRows, SCOPES } from './denial-rows.ts';
import { DenyForm } from './deny-form.ts';
import { LiftDialog } from './lift-dialog.ts';

/** Who and what gets no capability, the form that denies, and the way back. */
export function DeniedPage(): VNode {
  const loaded = useLoaded('denials', () => callIssuer('GET', '/denials', {}));
  return html`<div>
    <${PageHead}
      title="Denied"
      lead="Agents, people, owners and tools that get no capability, whatever the policy says."
      crumb=${html`<a href="#/now">Now</a>`}
    >
      <a class="btn" href="#/watermarks">Watermarks</a>
    <//>
    <${Shown} loaded=${loaded} what="the denials">
      ${({ denials }: { denials: readonly Denial[] }) =>
        html`<${DenialList} denials=${denials} onChange=${loaded.reload} />`}
    <//>
    <${DenyForm} onDenied=${loaded.reload} />
  </div>`;
}

interface DenialListProps {
  readonly denials: readonly Denial[];
  readonly onChange: () => void;
}

function DenialList({ denials, onChange }: DenialListProps): VNode {
  const { session } = useFrame();
  const now = useNow();
  const [lifting, setLifting] = useState<Denial | undefined>();
  const rowOf = ({ key, denial, since, end, reason }: DenialRow): Row => {
    const { scope, value } = denial;
    const no = whyNot(session.may, 'lift', scope === 'owner' ? value : undefined);
    return {
      key,
      cells: [
        {
          wide: true,
          content: html`<b class="mono">${value}</b><span class="sub">${SCOPES[scope].word}</span>`,
        },
        { wide: true, content: html`“${reason}”` },
        { name: 'since', content: html`<${When} at=${since} now=${now} />` },
        { content: end },
        {
          right: true,
          content: html`<button
            type="button"
            class="btn small"
            aria-label=${`Lift the denial of ${value}`}
            title=${no}
            disabled=${no !== undefined}
            onClick=${() => setLifting(denial)}
          >
            Lift…
          </button>`,
        },
      ],
    };
  };
  return html`<div>
    <${Card}
      title="Denied now"
      hint=${html`Nothing is issued for it, and tokens from before stay dead after it is lifted. Verifiers
      learn of it by the <${Term} word="trust feed">trust feed<//>.`}
    >
      ${
        denials.length === 0
          ? html`<${Empty} title="Nothing is denied">
              <p>The policy alone decides who gets what.</p>
            <//>`
          : html`<${Table}
              label="Denied now"
              heads=${['What', 'Reason', 'Since', 'End', { text: '', right: true }]}
              rows=${denialRows(denials, now).map(rowOf)}
            />`
      }
    <//>
    ${
      lifting &&
      html`<${LiftDialog}
        denial=${lifting}
        onClose=${() => {
          setLifting(undefined);
          onChange();
        }}
      />`
    }
  </div>`;
}
