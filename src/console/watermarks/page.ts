import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { toSeconds } from '../../clock.ts';
import { callIssuer, issuerNow, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { OpeningDialog } from '../opening-dialog.ts';
import { whyNot } from '../powers.ts';
import { orderBody, ScopeForm, type ScopeOrder } from '../scope-form.ts';
import { Card, Empty, html, PageHead, type Row, Table, Term, When } from '../ui/index.ts';
import {
  isMarkScope,
  MARK_SCOPES,
  MARK_TIMES,
  type MarkRow,
  type MarkScope,
  markRows,
  type Watermark,
} from './marks.ts';

const TIMES = { legend: 'What was issued before', words: MARK_TIMES.map(({ words }) => words) };

const WORDS = { one: 'Withdraw', two: 'Ask a second person', done: 'Withdrawn' };

function sendMark(order: ScopeOrder<MarkScope>) {
  const secondsAgo = MARK_TIMES[order.choice]?.secondsAgo;
  return callIssuer('POST', '/watermarks', {
    query: { wait: '0' },
    body: {
      ...orderBody(order),
      ...(secondsAgo !== undefined && { before: toSeconds(issuerNow()) - secondsAgo }),
    },
  });
}

/** What was issued before a moment and is dead, and the form that sets such a moment. */
export function WatermarksPage(): VNode {
  const { query } = useFrame().address;
  const asked = query.get('scope');
  const loaded = useLoaded('watermarks', () => callIssuer('GET', '/watermarks', {}));
  return html`<div>
    <${PageHead}
      title="Watermarks"
      lead="Each stops everything of a kind that was issued before a moment. What is issued later is not stopped."
      crumb=${html`<a href="#/now">Now</a>`}
    />
    <${Shown} loaded=${loaded} what="the watermarks">
      ${({ watermarks }: { watermarks: readonly Watermark[] }) =>
        html`<${MarkList} marks=${watermarks} onChange=${loaded.reload} />`}
    <//>
    <${ScopeForm}
      id="mark"
      title="Set a watermark"
      hint=${html`It takes effect at once, and the tokens that it stops stay dead. Agents can get new ones:
      to prevent that, <a href="#/denied">deny</a> the agent, the person, the owner or the tool.`}
      scopes=${MARK_SCOPES}
      first=${isMarkScope(asked) ? asked : 'agent'}
      firstValue=${query.get('value') ?? ''}
      times=${TIMES}
      verb="Stop what was issued"
      done="The watermark is set"
      send=${sendMark}
      onDone=${loaded.reload}
    />
  </div>`;
}

interface MarkListProps {
  readonly marks: readonly Watermark[];
  readonly onChange: () => void;
}

function MarkList({ marks, onChange }: MarkListProps): VNode {
  const { session } = useFrame();
  const now = useNow();
  const [withdrawn, setWithdrawn] = useState<MarkRow>();
  const rowOf = (row: MarkRow): Row => {
    const { key, mark, name, word, before, end } = row;
    const no = whyNot(session.may, 'lift', mark.scope === 'owner' ? mark.value : undefined);
    return {
      key,
      cells: [
        { wide: true, content: html`<b class="mono">${name}</b><span class="sub">${word}</span>` },
        { name: 'issued before', content: html`<${When} at=${before} now=${now} />` },
        { content: end },
        {
          right: true,
          content: html`<button
            type="button"
            class="btn small"
            aria-label=${`Withdraw the watermark of ${name}`}
            title=${no}
            disabled=${no !== undefined}
            onClick=${() => setWithdrawn(row)}
          >
            Withdraw…
          </button>`,
        },
      ],
    };
  };
  return html`<div>
    <${Card}
      title="In force"
      hint=${html`A watermark ends by itself, an hour after its moment, when every token that it stops has
      expired. Verifiers learn of it by the <${Term} word="trust feed">trust feed<//>.`}
    >
      ${
        marks.length === 0
          ? html`<${Empty} title="No watermark is in force">
              <p>Nothing is stopped by the time at which it was issued.</p>
            <//>`
          : html`<${Table}
              label="Watermarks in force"
              heads=${['What', 'Issued before', 'End', { text: '', right: true }]}
              rows=${markRows(marks, now).map(rowOf)}
            />`
      }
    <//>
    ${
      withdrawn &&
      html`<${WithdrawDialog}
        row=${withdrawn}
        onClose=${() => {
          setWithdrawn(undefined);
          onChange();
        }}
      />`
    }
  </div>`;
}

interface WithdrawDialogProps {
  readonly row: MarkRow;
  readonly onClose: () => void;
}

function WithdrawDialog({ row: { mark, name, word }, onClose }: WithdrawDialogProps): VNode {
  const { session } = useFrame();
  const { scope, value } = mark;
  const send = (reason: string) =>
    callIssuer('POST', '/watermarks/withdraw', { query: {}, body: { scope, value, reason } });
  return html`<${OpeningDialog}
    title="Withdraw this watermark"
    about=${html`<p><b class="mono">${name}</b><span class="sub">${word}</span></p>`}
    opens="Its place in the trust feed is free for another watermark."
    stays="The issuer refuses this while a token is out that the watermark stops."
    words=${WORDS}
    needsTwo=${session.twoPeople.includes('lift')}
    reasonId="withdraw-reason"
    send=${send}
    onClose=${onClose}
  />`;
}
