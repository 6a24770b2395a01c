import type { VNode } from 'preact';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { callIssuer, Shown, useLoaded, useNow } from '../frame/index.ts';
import { readIso } from '../time.ts';
import { Card, type Content, Facts, html, Note, shortId, When } from '../ui/index.ts';

type Active = RouteAnswer<typeof ADMIN_API.versions.showActiveVersion>;

/** Loads which version is active, for each part of the page that asks. */
export const useActiveVersion = () =>
  useLoaded('active version', () => callIssuer('GET', '/versions/active', {}));

/** Which version decides, since when, and who activated it. */
export function ActiveVersion(): VNode {
  const now = useNow(60_000);
  return html`<${Shown} loaded=${useActiveVersion()} what="the active version"
    >${({ active, recording }: Active) => html`<div>
      ${
        recording &&
        html`<${Note} kind="wait">
          Version <code>${shortId(recording.version)}</code> is being activated: it decides once the
          trail has the record.
        <//>`
      }
      <${Card} label="Active version" padded>
        ${
          active === null
            ? html`<p>
                No version was activated. The issuer decides by the sources of its entry file, if it
                has any.
              </p>`
            : html`<${Facts} wide facts=${factsOf(active, now)} />`
        }
      <//>
    </div>`}<//
  >`;
}

function factsOf(
  active: NonNullable<Active['active']>,
  now: number,
): readonly (readonly [Content, Content])[] {
  const at = readIso(active.at) ?? now;
  return [
    ['Active version', html`<code title=${active.version}>${shortId(active.version)}</code>`],
    ['Since', html`<${When} at=${at} now=${now} />`],
    ['Activated by', `${active.actor}${active.by === 'operator' ? '' : `, ${active.by}`}`],
    ['Reason', active.reason],
    [
      'Catalogue',
      html`<code title=${active.catalogue_hash}>${shortId(active.catalogue_hash)}</code>`,
    ],
    [
      'At verifiers',
      active.in_feed ? 'the feed names its catalogue' : 'the feed does not name its catalogue yet',
    ],
  ];
}
