import type { VNode } from 'preact';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { addressOf, callIssuer, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { readIso, span } from '../time.ts';
import {
  Card,
  Code,
  html,
  type MarkKind,
  numberText,
  Pill,
  type Row,
  Spark,
  State,
  Table,
} from '../ui/index.ts';

type ActiveRules = RouteAnswer<typeof ADMIN_API.policy.showActiveRules>;
type Rule = ActiveRules['rules'][number];
type Hits = Pick<Rule, 'hours' | 'total' | 'last' | 'workflow'>;

/** Each statement of the active policy, with what it decided. */
export function Rules(): VNode {
  const rules = useLoaded('rules', () => callIssuer('GET', '/versions/active/rules', {}));
  return html`<${Shown} loaded=${rules} what="the rules"
    >${(value: ActiveRules) => html`<${RuleTable} answer=${value} />`}<//
  >`;
}

const KINDS: Readonly<Record<Rule['kind'], readonly [MarkKind, string]>> = {
  allow: ['ok', 'allows'],
  deny: ['deny', 'refuses'],
  check: ['deny', 'refuses unless'],
};

function RuleTable({ answer }: { readonly answer: ActiveRules }): VNode {
  const now = useNow(10_000);
  const picked = useFrame().address.query.get('rule');
  const { rules, refusals, over } = answer;
  const since = readIso(over.since);
  const span_ = since === undefined ? 'all time' : `the last ${span(now - since, 'coarse')}`;
  const heads = ['Rule', 'Last 24 hours', { text: 'Hits', right: true } as const, 'Last hit'];
  return html`<div class="stacked">
    <${Card}
      title="Rules"
      hint=${`By ${plural(over.requests, 'recorded request')} of ${span_}. A rule that never matches can go.`}
    >
      <${Table}
        label="Rules"
        heads=${heads}
        rows=${rules.map((one): Row => {
          const [kind, verb] = KINDS[one.kind];
          const place = `${one.rule.file}:${one.rule.line}`;
          return {
            key: place,
            fresh: place === picked,
            cells: [
              {
                wide: true,
                content: html`<${State} kind=${kind}>${verb}<//> ${one.words ? html`<span>${one.words}</span>` : html`<code>${firstLine(one.rule.text)}</code>`}
                  <span class="sub mono">${one.rule.file}, line ${one.rule.line}</span>
                  <details class="raw" open=${place === picked}><summary class="sub">its text</summary>
                    <${Code} text=${one.rule.text} />
                  </details>`,
              },
              ...hitCells(one, now, one.kind !== 'allow'),
            ],
          };
        })}
      />
    <//>
    ${
      refusals.length > 0 &&
      html`<${Card}
        title="Refused without a rule"
        hint="No rule allowed what was asked. It shows what agents miss, or what attackers try."
      >
        <${Table}
          label="Refused without a rule"
          heads=${['Code', 'Last 24 hours', { text: 'Refused', right: true }, 'Last time']}
          rows=${refusals.map(
            (one): Row => ({
              key: one.code,
              cells: [
                {
                  wide: true,
                  content: html`<a href=${addressOf('trail', [], { by: 'code', value: one.code })}><code>${one.code}</code></a>`,
                },
                ...hitCells(one, now, true),
              ],
            }),
          )}
        />
      <//>`
    }
  </div>`;
}

/** Stands for a statement without a comment. */
const firstLine = (text: string): string => text.split('\n')[0] ?? '';

function hitCells({ hours, total, last, workflow }: Hits, now: number, areDenied: boolean) {
  const at = readIso(last);
  const ago = at === undefined ? '' : `${span(now - at, 'coarse')} ago`;
  return [
    {
      deskOnly: true,
      content: html`<${Spark} values=${hours} denied=${areDenied ? hours : []} />`,
    },
    { right: true, name: 'hits', content: numberText(total) },
    {
      name: 'last',
      content:
        at === undefined
          ? html`<${Pill} fresh>never<//>`
          : workflow === undefined
            ? html`<span class="nowrap">${ago}</span>`
            : html`<a class="nowrap" href=${addressOf('w', [workflow])}>${ago}</a>`,
    },
  ];
}
