import type { VNode } from 'preact';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { addressOf } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { Card, Code, Empty, html, Mark, Note, numberText } from '../ui/index.ts';

export type Trial = RouteAnswer<typeof ADMIN_API.policy.tryDraft>;

/** The difference of the texts, and what it would have changed. */
export const TrialResult = ({ trial }: { readonly trial: Trial }): VNode => {
  const opening = trial.changed.filter(({ opens }) => opens);
  const requests = opening.reduce((sum, { count }) => sum + count, 0);
  return html`<div class="stacked">
    ${trial.warnings.map(
      ({ file, line, found }) =>
        html`<${Note} kind="wait">${found} <code>${file}${line !== undefined && `, line ${line}`}</code><//>`,
    )}
    ${
      opening.length > 0 &&
      html`<${Note} kind="wait">
        <b>It gives more than the active version: </b>${plural(requests, 'recorded request')} would get
        what ${requests === 1 ? 'it' : 'they'} did not get before.
      <//>`
    }
    <div class="cols even">
      <${Card} title="The change">
        ${
          trial.diff.length === 0
            ? html`<${Empty} title="The texts are the same" />`
            : html`<div class="pad">${trial.diff.map(
                ({ file, change, hunks }) => html`<div key=${file}>
                  <h3 class="mono">${file}${change !== 'changed' && `, ${change}`}</h3>
                  ${hunks.map((hunk) => html`<${Code} diff text=${hunk.lines.join('\n')} />`)}
                </div>`,
              )}</div>`
        }
      <//>
      <${Card}
        title="What would change"
        hint=${`Held against ${plural(trial.requests, 'recorded request')}, by the engine of the issuer.`}
      >
        <ul class="bounds flush">
          ${trial.changed.map(
            (one, index) => html`<li key=${index}>
              <${Mark} kind=${one.now === 'granted' ? 'ok' : one.now === 'approval' ? 'wait' : 'deny'} />
              <span>
                ${one.words}
                ${one.terms && html`<span class="sub">${one.terms.was} → ${one.terms.now}</span>`}
                <span class="sub">for example “${one.example.task}”${one.rules.now && html`, by ${one.rules.now.file}, line ${one.rules.now.line}`}</span>
              </span>
              ${
                one.example.workflow === undefined
                  ? html`<span class="small num">${numberText(one.count)} ×</span>`
                  : html`<a class="small num" href=${addressOf('w', [one.example.workflow])}>${numberText(one.count)} ×</a>`
              }
            </li>`,
          )}
          <li>
            <${Mark} kind="ended" /><span>stays as it is</span>
            <span class="small muted num">${numberText(trial.unchanged)} ×</span>
          </li>
          ${
            trial.unreproducible > 0 &&
            html`<li>
              <${Mark} kind="unknown" /><span>not compared<span class="sub">The record lacks the claims of the identity, so it cannot be decided again.</span></span>
              <span class="small muted num">${numberText(trial.unreproducible)} ×</span>
            </li>`
          }
        </ul>
        <p class="hint pad">Recorded requests show what was asked, not what an attacker will ask.</p>
      <//>
    </div>
  </div>`;
};
