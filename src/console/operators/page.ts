import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { whyNot } from '../powers.ts';
import {
  Card,
  Empty,
  html,
  Note,
  PageHead,
  Pill,
  type Row,
  Table,
  Term,
  When,
} from '../ui/index.ts';
import { EndDialog } from './end-dialog.ts';
import { type Person, peopleOf, type Session } from './people.ts';

/** The people who are signed in, and the button that ends the sessions of a person. */
export function OperatorsPage(): VNode {
  const { session } = useFrame();
  const loaded = useLoaded('sessions', () => callIssuer('GET', '/sessions', {}));
  return html`<div>
    <${PageHead}
      title="Operators"
      lead="The people who are signed in to the console or to the command line, and may act here now."
    />
    <${Shown} loaded=${loaded} what="the sessions">
      ${({ sessions }: { sessions: readonly Session[] }) =>
        html`<${People} people=${peopleOf(sessions, session.name)} onChange=${loaded.reload} />`}
    <//>
  </div>`;
}

interface PeopleProps {
  readonly people: readonly Person[];
  readonly onChange: () => void;
}

function People({ people, onChange }: PeopleProps): VNode {
  const { session } = useFrame();
  const now = useNow(60_000);
  const [ending, setEnding] = useState<Person>();
  const [ended, setEnded] = useState<string>();
  const no = whyNot(session.may, 'end-session', undefined);
  const rowOf = (person: Person): Row => ({
    key: person.name,
    cells: [
      {
        wide: true,
        content: html`<b class="mono">${person.name}</b>${person.isYou && html` <${Pill}>you<//>`}`,
      },
      { name: 'roles', content: person.roles.join(', ') || 'none any more' },
      {
        wide: true,
        content: html`<ul class="plain">
          ${person.sessions.map(
            ({ where, begun, ends, isOwn }) => html`<li>
              ${where}, since <${When} at=${begun} now=${now} />${isOwn && html` <${Pill}>this one<//>`}
              <span class="sub">ends <${When} at=${ends} now=${now} /></span>
            </li>`,
          )}
        </ul>`,
      },
      {
        right: true,
        content: html`<button
          type="button"
          class="btn small"
          aria-label=${`End the sessions of ${person.name}`}
          title=${no}
          disabled=${no !== undefined}
          onClick=${() => setEnding(person)}
        >
          End…
        </button>`,
      },
    ],
  });
  return html`<div>
    ${ended !== undefined && html`<${Note} kind="stop">${ended}<//>`}
    <${Card}
      title="Signed in"
      hint=${html`The roles are those that the configuration gives today. A person who comes in through
      Cloudflare Access, by the operator credential or by an <${Term} word="operator capability" /> has
      no session.`}
    >
      ${
        people.length === 0
          ? html`<${Empty} title="No one is signed in">
              <p>A session stands here from the sign-in of a person until its end.</p>
            <//>`
          : html`<${Table}
              label="Signed in"
              heads=${['Person', 'Roles', 'Sessions', { text: '', right: true }]}
              rows=${people.map(rowOf)}
            />`
      }
      ${people.length > 0 && no !== undefined && html`<p class="more">${no}</p>`}
    <//>
    ${
      ending &&
      html`<${EndDialog}
        person=${ending}
        onEnded=${setEnded}
        onClose=${() => {
          setEnding(undefined);
          onChange();
        }}
      />`
    }
  </div>`;
}
