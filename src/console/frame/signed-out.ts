import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty, html, Note } from '../ui/index.ts';
import { readAddress } from './address.ts';
import { send } from './api.ts';

const RETURN_KEY = 'hewn.return';
const SIGNED_OUT = '#/signed-out';

/** Keeps the address for the time of the sign-in. It holds no secret, and nothing else is kept. */
export function keepAddress(): void {
  const { hash } = location;
  if (hash.startsWith('#/') && !hash.startsWith(SIGNED_OUT)) {
    sessionStorage.setItem(RETURN_KEY, hash);
  }
}

/** Goes back to where the person was before the sign-in. */
export function restoreAddress(): void {
  const kept = sessionStorage.getItem(RETURN_KEY);
  if (location.hash !== '' && !location.hash.startsWith(SIGNED_OUT)) return;
  sessionStorage.removeItem(RETURN_KEY);
  history.replaceState(null, '', kept?.startsWith('#/') ? kept : '#/now');
}

/** Why a sign-in ended without a session: the last part of the address that it ended at. */
const ENDINGS: Readonly<Record<string, string>> = {
  provider_unknown: 'No provider of this name is configured.',
  provider_unavailable: 'The identity provider did not answer. Try again in a moment.',
  not_asked: 'The answer of the provider does not belong to a sign-in of this browser. Try again.',
  declined: 'The provider says that the sign-in was cancelled.',
  refused: 'The answer of the provider was refused. The log of the issuer says why.',
  no_role:
    'You are known to the provider, and no role of this console is for you. An administrator gives roles by your claims, in [operators] of hewn.toml.',
};

interface Provider {
  readonly name: string;
}

/** Where a person signs in, and why the last try did not succeed. */
export function SignedOut(): VNode {
  const [providers, setProviders] = useState<readonly Provider[]>();
  useEffect(() => {
    void send('/console/providers', 'GET').then((answer) => {
      const value = answer.ok ? (answer.value as { providers: readonly Provider[] }) : undefined;
      setProviders(value?.providers ?? []);
    });
  }, []);
  const { page, rest } = readAddress(location.hash);
  const why = page === 'signed-out' ? ENDINGS[rest[0] ?? ''] : undefined;
  return html`<div>
    ${why !== undefined && html`<${Note} kind="deny">${why}<//>`}
    <section class="card">
      <${Empty} title="You are signed out" heading="h1">
        <p>Nothing that you had begun was sent. After you sign in, you come back to this page.</p>
        ${
          providers?.length === 0
            ? html`<p>
                This issuer has no identity provider for operators: add <code>[operators]</code> to
                hewn.toml. Until then, the command line works with the operator credential.
              </p>`
            : html`<div class="row centred">
                ${providers?.map(
                  ({ name }) => html`<a
                    key=${name}
                    class="btn main"
                    href=${`/console/sign-in?provider=${encodeURIComponent(name)}`}
                    onClick=${keepAddress}
                    >Sign in with ${name}</a
                  >`,
                )}
              </div>`
        }
      <//>
    </section>
  </div>`;
}
