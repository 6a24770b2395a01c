import type { VNode } from 'preact';
import type { AuditRecord } from '../../audit/index.ts';
import type { UnixMilliseconds } from '../../clock.ts';
import { Card, html, numberText, Pill, When } from '../ui/index.ts';
import { grantRows } from './grant-rows.ts';
import type { ShownWorkflow } from './load.ts';

interface GrantsCardProps {
  readonly workflow: ShownWorkflow;
  readonly records: readonly AuditRecord[];
  readonly now: UnixMilliseconds;
}

/** What the policy allowed, and what of it was used. */
export const GrantsCard = ({ workflow, records, now }: GrantsCardProps): VNode =>
  html`<${Card}
    title="Grants"
    hint=${`What the policy allowed, and ${workflow.as_of ? 'how often the agent used it in all of its workflows' : 'how often the records below show it'}. A grant that is never used can be taken out of the policy.`}
  >
    <ul class="grants">
      ${grantRows(workflow.grants, records).map(
        ({ key, what, tool, limits, uses, lastUse }) => html`<li key=${key}>
          <div class="row">
            <b class="small">${what}</b>
            ${
              uses > 0
                ? html`<span class="small muted num">used ${numberText(uses)} ×${lastUse !== undefined && html`<span>, last <${When} at=${lastUse} now=${now} /></span>`}</span>`
                : html`<${Pill} fresh>never used<//>`
            }
          </div>
          <a class="sub mono" href=${`#/who?by=tool&name=${encodeURIComponent(tool)}`}>${tool}</a>
          ${limits.map((limit) => html`<span class="sub" key=${limit}>${limit}</span>`)}
        </li>`,
      )}
    </ul>
  <//>`;
