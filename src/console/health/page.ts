import type { VNode } from 'preact';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { callIssuer, Shown, useLoaded, useNow } from '../frame/index.ts';
import { plural } from '../plural.ts';
import { readIso, span } from '../time.ts';
import {
  Card,
  Empty,
  html,
  type MarkKind,
  Meter,
  Note,
  numberText,
  PageHead,
  type Row,
  type Stat,
  State,
  Stats,
  Table,
  Term,
} from '../ui/index.ts';
import { drillWords, headWords } from './view.ts';

export type Health = RouteAnswer<typeof ADMIN_API.health.showHealth>;

/** Do stops arrive, does the trail hold, and what needs attention soon. */
export function HealthPage(): VNode {
  const health = useLoaded('health', () => callIssuer('GET', '/health', {}));
  return html`<div>
    <${PageHead}
      title="Health"
      lead="Do stops arrive, does the trail hold, and what needs attention soon."
    />
    <${Shown} loaded=${health} what="the health"
      >${(value: Health) => html`<${Body} health=${value} />`}<//
    >
  </div>`;
}

function Body({ health }: { readonly health: Health }): VNode {
  const now = useNow();
  return html`<div>
    ${health.problems.map(
      ({ severity, words }) => html`<${Note} key=${words} kind=${severity}>${words}<//>`,
    )}
    <${Stats} stats=${statsOf(health)} />
    <${Card}
      title=${html`<${Term} word="verifier">Verifiers<//>`}
      label="Verifiers"
      hint="The issuer knows a verifier only by its reports: one that never reported is in no list. A silent one refuses by itself when its head is too old."
    >
      ${
        health.verifiers.length === 0
          ? html`<${Empty} title="No verifier has reported yet">
              <p>A gateway reports with its first call. An API reports once it uses the verifier.</p>
            <//>`
          : html`<${Table}
              label="Verifiers"
              heads=${['Name', 'State', right('Feed entry'), right('Head age'), right('Last report'), 'Version']}
              rows=${health.verifiers.map((one) => verifierRow(one, now))}
            />`
      }
    <//>
    <div class="cols even">
      <${DrillCard} drill=${health.drill} now=${now} />
      <${StorageCard} health=${health} />
    </div>
    <div class="cols even">
      <${KeysCard} keys=${health.keys} now=${now} />
      <${OutsideCard} health=${health} now=${now} />
    </div>
  </div>`;
}

const right = (text: string) => ({ text, right: true }) as const;

function statsOf(health: Health): readonly Stat[] {
  const { verifiers_current: current, verifiers_seen: seen, drill } = health;
  const [headKind, headAge, headMore] = headWords(health.head);
  const [drillKind, drillText, drillMore] = drillWords(drill);
  const fill = Math.max(0, ...(health.logs ?? []).map((log) => log.fill));
  const records = (health.logs ?? []).reduce((sum, log) => sum + log.size, 0);
  return [
    { label: 'Feed head', kind: headKind, value: headAge, more: headMore },
    {
      label: 'Verifiers current',
      kind: seen === 0 ? 'unknown' : seen === current ? 'ok' : 'deny',
      value: seen === 0 ? 'none' : `${current} of ${seen}`,
      more: 'reported within 5 minutes',
    },
    { label: 'Drill', kind: drillKind, value: drillText, more: drillMore },
    health.logs === null
      ? { label: 'Trail', kind: 'unknown', value: 'unknown', more: 'the logs did not answer' }
      : {
          label: 'Trail',
          kind: health.logs.some(({ faults }) => faults.length > 0) ? 'deny' : 'ok',
          value: `${Math.round(fill * 100)} % full`,
          more: `${numberText(records)} records in ${plural(health.logs.length, 'log')}`,
        },
  ];
}

const VERIFIER_STATES: Readonly<Record<Health['verifiers'][number]['state'], MarkKind>> = {
  current: 'ok',
  behind: 'deny',
  silent: 'unknown',
};

function verifierRow(verifier: Health['verifiers'][number], now: number): Row {
  const { name, audience, shard, seq, behind, state, error, version } = verifier;
  const seen = readIso(verifier.seen_at);
  return {
    key: `${shard} ${name}`,
    cells: [
      {
        wide: true,
        content: html`<b>${name}</b>
          ${audience && html`<span class="sub">${audience}</span>`}
          ${error && html`<span class="sub">${error}</span>`}`,
      },
      html`<${State} kind=${VERIFIER_STATES[state]}>${state}<//>`,
      {
        right: true,
        name: 'entry',
        content: behind
          ? `${seq}, ${behind} behind`
          : behind === null
            ? `${seq}, other epoch`
            : seq,
      },
      {
        right: true,
        name: 'head age',
        content: verifier.head_age === undefined ? 'unknown' : `${verifier.head_age} s`,
      },
      {
        right: true,
        name: 'reported',
        content: seen === undefined ? '' : `${span(now - seen, 'coarse')} ago`,
      },
      { name: 'version', content: version ?? '' },
    ],
  };
}

/** What was proven is in colour. A verifier that is not in use reports no stop. */
const DOTS = { in_time: undefined, late: 'x', failed: 'x', unproven: 'u' } as const;
const dotOf = ({ verdict }: NonNullable<Health['drill']>['runs'][number]) => DOTS[verdict];

const DrillCard = ({
  drill,
  now,
}: {
  readonly drill: Health['drill'];
  readonly now: number;
}): VNode => {
  const last = drill?.runs.at(-1);
  const at = readIso(last?.at);
  return html`<${Card}
    title=${html`<${Term} word="drill">Drills<//>, last hour`}
    label="Drills"
    hint=${drill && `A stop must arrive within ${span(drill.bound_ms)}.`}
    padded
  >
    ${
      drill === null
        ? html`<p class="muted">
            No drill is scheduled. It stops a test workflow every minute, and alarms when a stop does
            not arrive in time. Until then, <code>hewn drill</code> runs one by hand.
          </p>`
        : html`<div class="dots" role="img" aria-label=${drillWords(drill)[2]}>
              ${drill.runs.map((run) => html`<span class=${dotOf(run)}></span>`)}
            </div>
            <p class="hint">
              ${drillWords(drill)[2]}${at !== undefined && ` The last run was ${span(now - at)} ago.`}
              ${' '}<a href="#/trail?event=revocation&canaries=shown">Their records</a>
            </p>`
    }
  <//>`;
};

const StorageCard = ({ health }: { readonly health: Health }): VNode =>
  html`<${Card} title="Storage" padded>
    <div class="meters">${health.logs?.map(
      ({ log, fill, size, faults }) => html`<div key=${log}>
        <${Meter}
          name=${`Log ${log}`}
          part=${fill}
          text=${`${Math.round(fill * 100)} %, ${numberText(size)} records`}
        />
        ${faults.map((fault) => html`<p class="hint"><${State} kind="deny">${fault}<//></p>`)}
      </div>`,
    )}</div>
    <p class="hint">
      Before a log is full, calls of low tiers are denied, so that stops always have a place in it.
    </p>
    ${
      health.storage.some(({ stored, known }) => stored !== known) &&
      health.storage
        .filter(({ stored, known }) => stored !== known)
        .map(
          ({ object, stored, known }) => html`<p class="hint">
            ${object}: storage of version ${stored ?? 'unknown'}, this release knows ${known}.
          </p>`,
        )
    }
  <//>`;

const KEY_USES: Readonly<Record<Health['keys'][number]['use'], string>> = {
  mint: 'Root key',
  feed: 'Feed key',
  log: 'Log key',
  signal: 'Signal key',
};

const KeysCard = ({ keys, now }: { readonly keys: Health['keys']; readonly now: number }): VNode =>
  html`<${Card} title="Keys">
    <${Table}
      label="Keys"
      heads=${['Key', 'State', right('Age')]}
      rows=${keys.map(({ use, id, state, since, public_key }): Row => {
        const seen = readIso(since);
        return {
          key: `${use} ${id} ${public_key}`,
          cells: [
            html`<b>${KEY_USES[use]}${id === undefined ? '' : ` ${id}`}</b>
              <span class="sub mono" title=${public_key}>${public_key.slice(0, 16)}…</span>`,
            html`<${State} kind=${state === 'active' ? 'ok' : 'ended'}
              >${state === 'active' ? 'signs' : 'published, for tokens that are out'}<//
            >`,
            {
              right: true,
              name: 'age',
              content: seen === undefined ? 'unknown' : span(now - seen, 'coarse'),
            },
          ],
        };
      })}
    />
  <//>`;

const OutsideCard = ({ health, now }: { readonly health: Health; readonly now: number }): VNode => {
  const providers = health.identity.map(({ name, kind, keys, why }): Row => {
    const isBad = keys === 'unreachable';
    const state = {
      static: 'keys in the configuration',
      reachable: 'keys fetched',
      unreachable: 'keys not fetched',
    };
    return {
      key: `identity ${name}`,
      cells: [
        html`<b>${name}</b><span class="sub">${kind === 'oidc' ? 'identity provider' : kind}</span>`,
        html`<${State} kind=${isBad ? 'deny' : 'ok'}>${state[keys]}<//>${why && html`<span class="sub">${why}</span>`}`,
        { right: true, content: '' },
      ],
    };
  });
  const witnesses = health.witnesses.map(({ of, name, size, at, silent, fault }): Row => {
    const seen = readIso(at);
    return {
      key: `witness ${of} ${name}`,
      cells: [
        html`<b>${name}</b><span class="sub"><${Term} word="witness">witness<//> of ${of}</span>`,
        html`<${State} kind=${silent ? 'deny' : 'ok'}>${silent ? 'lacks the newest' : `cosigned ${size}`}<//>
          ${fault && html`<span class="sub">${fault}</span>`}`,
        {
          right: true,
          name: 'seen',
          content: seen === undefined ? '' : span(now - seen, 'coarse'),
        },
      ],
    };
  });
  return html`<${Card} title="Identity providers and witnesses">
    <${Table}
      label="Identity providers and witnesses"
      heads=${['Name', 'State', right('Last seen')]}
      rows=${[...providers, ...witnesses]}
    />
    ${
      witnesses.length === 0 &&
      html`<p class="more">No witness is configured, so only the issuer itself signs the logs.</p>`
    }
  <//>`;
};
