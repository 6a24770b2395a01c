import type { ComponentType, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { refuse } from '../../result.ts';
import { html, PageHead, say } from '../ui/index.ts';
import { type Address, readAddress } from './address.ts';
import type { Answer, Fault } from './api.ts';
import { FrameContext } from './context.ts';
import { type Live, type Poller, usePoller } from './live.ts';
import { loadSession, type Session, signOut } from './session.ts';
import { SignedOut } from './signed-out.ts';
import { FaultNote, NoSuchPage, Offline } from './states.ts';

/** A page of the console. Its component reads the address with `useFrame`. */
export interface Page {
  /** The first part of its address. */
  readonly key: string;
  readonly name: string;
  /** What is left out of the menu on a phone. */
  readonly nameRest?: string;
  /** The path of its picture in 24 by 24. A page without one is not in the menu. */
  readonly icon?: string;
  /** The page of the menu that this one belongs to. */
  readonly under?: string;
  readonly view: ComponentType;
}

interface AppProps {
  readonly pages: readonly Page[];
  readonly poller: Poller;
  readonly session: Answer<Session>;
}

/** The console: the menu, who is signed in, and the page that the address names. */
export function App({ pages, poller, session: first }: AppProps): VNode {
  const [address, setAddress] = useState(() => readAddress(location.hash));
  const live = usePoller(poller);
  const session = useSession(first, live);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const onChange = () => {
      if (location.hash === '' || location.hash.startsWith('#/')) {
        setAddress(readAddress(location.hash));
      }
    };
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  useFocusOnNewPage(main, address);
  const page = pages.find(({ key }) => key === address.page);
  const current = page?.under ?? address.page;
  return html`<div class="shell">
    <header class="side">
      <a class="brand" href="#/now">
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 2h4v5h4V2h4v12h-4V9.5H6V14H2z" /></svg>
        <span>Hewn</span><span class="env">${location.host}</span>
      </a>
      <${Menu} pages=${pages} current=${current} waiting=${session.ok ? session.value.waiting : 0} />
      ${session.ok && html`<${Who} session=${session.value} />`}
    </header>
    <main id="main" tabindex="-1" ref=${main}>
      <div class="page-in" key=${[address.page, ...address.rest].join('/')}>
        ${
          !session.ok
            ? html`<${NoSession} fault=${session.error} />`
            : html`<${FrameContext.Provider} value=${{ address, session: session.value, live, poller }}>
                <${Offline} live=${live} />
                ${page === undefined ? html`<${NoSuchPage} />` : html`<${page.view} />`}
              <//>`
        }
      </div>
    </main>
  </div>`;
}

/** Without a session there is no page: either a person signs in, or the issuer does not answer. */
const NoSession = ({ fault }: { readonly fault: Fault }): VNode =>
  fault.kind === 'signed_out'
    ? html`<${SignedOut} />`
    : html`<div>
        <${PageHead} title="The console is not available" lead="It does not know who you are." />
        <${FaultNote} fault=${fault} what="your session" />
      </div>`;

/** What a person may do, and how much waits, can change while the page is open. */
function useSession(first: Answer<Session>, live: Live): Answer<Session> {
  const [session, setSession] = useState(first);
  useEffect(() => {
    if (live.changes === 0) return;
    void loadSession().then((answer) => {
      if (answer.ok || answer.error.kind === 'signed_out') setSession(answer);
    });
  }, [live.changes]);
  return live.mode === 'signed_out' ? refuse({ kind: 'signed_out' }) : session;
}

/** A new page starts at its heading. A filter of the same page leaves the focus where it is. */
function useFocusOnNewPage(
  main: { readonly current: HTMLElement | null },
  { page, rest }: Address,
): void {
  const path = [page, ...rest].join('/');
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
    say(document.title);
  }, [path]);
}

interface MenuProps {
  readonly pages: readonly Page[];
  readonly current: string;
  readonly waiting: number;
}

const Menu = ({ pages, current, waiting }: MenuProps): VNode =>
  html`<nav aria-label="Pages" id="nav">
    <ul>
      ${pages
        .filter(({ icon }) => icon !== undefined)
        .map(
          ({ key, name, nameRest, icon }) => html`<li key=${key}>
            <a href=${`#/${key}`} aria-current=${key === current ? 'page' : undefined}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${icon} /></svg>
              <span>${name}${nameRest && html`<span class="long"> ${nameRest}</span>`}</span>
              ${
                key === 'approvals' &&
                waiting > 0 &&
                html`<span class="count" aria-label=${`${waiting} wait for you`}>${waiting}</span>`
              }
            </a>
          </li>`,
        )}
    </ul>
  </nav>`;

const Who = ({ session }: { readonly session: Session }): VNode =>
  html`<div class="who">
    <div>${session.name}</div>
    <div class="muted role">${session.roles.join(', ')}</div>
    <a href="#/operators">Operators</a> · <a href="#/words">Words</a>
    ${
      session.canSignOut &&
      html`<span> · <button type="button" class="link" onClick=${signOut}>Sign out</button></span>`
    }
  </div>`;
