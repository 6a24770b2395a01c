import type { VNode } from 'preact';
import { asOfWords } from '../as-of.ts';
import { type ProposedChange, proposeChange } from '../policy/proposed-change.ts';
import { Code, html, Mark } from '../ui/index.ts';
import type { loadExplanation } from './load.ts';
import type { TimelineEvent } from './record-event.ts';

/** Why a call was denied, as the issuer explains it from the version that was active. */
export type Explanation = Extract<
  Awaited<ReturnType<typeof loadExplanation>>,
  { readonly ok: true }
>['value'];

interface ExplanationProps {
  readonly event: TimelineEvent;
  readonly explanation: Explanation;
}

/**
 * A denial in five parts: what was checked, whose rule, what would pass, which change, its price.
 */
export const ExplanationParts = ({ event, explanation }: ExplanationProps): VNode => {
  const { checks = [], rule, allowed_instead: instead, change, warning, summary } = explanation;
  const { tool, code } = event;
  if (summary === undefined && checks.length === 0) return unexplained(event);
  return html`<div class="why">
    ${summary !== undefined && html`<p><b>${summary}</b></p>`}
    <h3>What was checked, in order</h3>
    <ul class="checks">
      ${checks.map(
        ({ passed, words }) => html`<li>
          <${Mark} kind=${passed ? 'ok' : 'deny'} />
          <span><span class="sr">${passed ? 'Passed: ' : 'Failed: '}</span>${words}</span>
        </li>`,
      )}
    </ul>
    ${rule && html`<h3>Whose rule</h3>`}
    ${rule && html`<p>${rule.words}</p>`}
    ${rule && html`<p class="small muted">${placeOf(rule)}</p>`}
    ${rule && html`<${Code} text=${rule.text} />`}
    <p class="small muted about-code">
      ${tool !== undefined && html`<span>Tool <span class="mono">${tool}</span>, </span>`}
      code <code>${code}</code>, record <code>${event.id}</code>. ${asOfWords(explanation.as_of, event.at)}
    </p>
    ${instead !== undefined && html`<h3>What would have been allowed</h3>`}
    ${instead !== undefined && html`<p>${instead}</p>`}
    <h3>The change that would allow it</h3>
    ${
      change
        ? html`<div>
            <p class="small muted">${placeOf(change)}</p>
            <${Code} diff text=${change.diff.map(({ sign, text }) => `${sign}${text}`).join('\n')} />
            <p class="small">
              ${changeWords(change)}
            </p>
          </div>`
        : html`<p>There is none that should be made.</p>`
    }
    ${warning !== undefined && html`<p class="small">${warning}</p>`}
    ${
      change &&
      html`<p>
        <a
          class="btn"
          href="#/policy/draft"
          onClick=${() => proposeChange(proposedBy(event, change, warning))}
          >Try that change</a
        >
        <span class="small muted"> on recorded requests. Nothing becomes active by it.</span>
      </p>`
    }
  </div>`;
};

type Change = NonNullable<Explanation['change']>;

function changeWords({ allows, blank }: Change): string {
  if (allows) return 'The policy engine was asked: with this change, the call is allowed.';
  return blank
    ? 'The record has only the digest of the arguments, so you fill in the value. The policy loads with this change.'
    : 'This is a part of the change. By itself, it does not allow the call yet.';
}

const proposedBy = (
  { id }: TimelineEvent,
  { file, diff, blank }: Change,
  warning: string | undefined,
): ProposedChange => ({
  what: 'the change that would allow a denied call',
  from: `The denied call: record ${id}.`,
  file,
  diff,
  warning,
  blank,
});

/** A denial of a release that the issuer does not know, or whose version it no longer has. */
const unexplained = ({ message, code, id }: TimelineEvent): VNode =>
  html`<div class="why">
    <p>
      The issuer has no explanation of this denial.
      ${message !== undefined && ` The agent received: ${message}`}
    </p>
    <p class="small muted about-code">Code <code>${code}</code>, record <code>${id}</code>.</p>
  </div>`;

interface Place {
  readonly version?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

const placeOf = ({ version, file, line }: Place): string =>
  [
    version !== undefined && `version ${version.slice(0, 8)}`,
    file,
    line !== undefined && `line ${line}`,
  ]
    .filter(Boolean)
    .join(', ');
