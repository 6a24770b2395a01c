import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { addressOf, callIssuer, Shown, useLoaded, useMay, useNow } from '../frame/index.ts';
import { readIso } from '../time.ts';
import { Card, html, Pill, type Row, State, shortId, Table, When } from '../ui/index.ts';
import { ActivateDialog } from './activate.ts';

type Stored = RouteAnswer<typeof ADMIN_API.versions.listVersions>;

/** The stored versions, and the way back to each. */
export function Versions(): VNode {
  const versions = useLoaded('versions', () => callIssuer('GET', '/versions', {}));
  const [chosen, setChosen] = useState<string>();
  return html`<div class="stacked">
    <${Shown} loaded=${versions} what="versions"
      >${(value: Stored) => html`<${VersionTable} versions=${value.versions} onActivate=${setChosen} />`}<//
    >
    ${
      chosen !== undefined &&
      html`<${ActivateDialog} id=${chosen} verb="Roll back" onClose=${() => setChosen(undefined)} />`
    }
  </div>`;
}

interface TableProps {
  readonly versions: Stored['versions'];
  readonly onActivate: (id: string) => void;
}

function VersionTable({ versions, onActivate }: TableProps): VNode {
  const now = useNow(60_000);
  const mayActivate = useMay('activate-policy');
  const rows = versions.map(
    ({ id, loaded_at, loaded_by, by, reason, active, last_active }): Row => {
      const loaded = readIso(loaded_at) ?? now;
      const was = readIso(last_active);
      return {
        key: id,
        cells: [
          html`<code title=${id}>${shortId(id)}</code>`,
          {
            wide: true,
            content: html`<${When} at=${loaded} now=${now} /><span class="sub">by ${loaded_by}${by !== 'operator' && `, ${by}`}: “${reason}”</span>`,
          },
          {
            name: 'active',
            content: active
              ? html`<${State} kind="ok">active<//>`
              : was === undefined
                ? html`<${Pill}>never active<//>`
                : html`<span>last activated <${When} at=${was} now=${now} /></span>`,
          },
          {
            wide: true,
            content:
              !active &&
              html`<div class="row">
              <a class="btn small" href=${addressOf('policy', ['try', id])} aria-label=${`What would change with ${shortId(id)}`}>What would change</a>
              <button
                type="button"
                class="btn small"
                disabled=${!mayActivate}
                title=${mayActivate ? undefined : 'This needs the role policy author or administrator.'}
                aria-label=${`${was === undefined ? 'Activate' : 'Roll back to'} ${shortId(id)}`}
                onClick=${() => onActivate(id)}
              >${was === undefined ? 'Activate…' : 'Roll back…'}</button>
            </div>`,
          },
        ],
      };
    },
  );
  return html`<${Card} title="Versions" hint="Policy and catalogue are one version: they are loaded, tried and activated together.">
    <${Table}
      label="Versions"
      heads=${['Version', 'Loaded', 'Active', html`<span class="sr">Actions</span>`]}
      rows=${rows}
    />
  <//>`;
}
