import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callIssuer, useFrame, useLoaded } from '../frame/index.ts';
import { Card, html, say } from '../ui/index.ts';
import { addPasskey } from './passkey.ts';

const loadPasskeys = () => callIssuer('GET', '/passkeys', {});

/** What a page knows of the passkeys of the person. */
export interface OwnPasskeys {
  /** Whether an approval needs one. */
  readonly isRequired: boolean;
  readonly ids: readonly string[];
  readonly challenge: string | undefined;
  readonly reload: () => void;
}

/** Returns the passkeys of the person who is signed in. An issuer of before has none. */
export function usePasskeys(): OwnPasskeys {
  const { session } = useFrame();
  const { value, reload } = useLoaded('passkeys', loadPasskeys);
  const own = value?.passkeys.filter(({ name }) => name === session.name) ?? [];
  return {
    isRequired: value?.required === true,
    ids: own.map(({ id }) => id),
    challenge: value?.challenge,
    reload,
  };
}

interface PasskeyCardProps {
  readonly passkeys: OwnPasskeys;
}

/** Offers to add a passkey, where approvals need one. */
export function PasskeyCard({ passkeys }: PasskeyCardProps): VNode | null {
  const { session } = useFrame();
  const [isAsking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const { isRequired, ids, challenge, reload } = passkeys;
  if (!isRequired || challenge === undefined || session.may.approve === undefined) return null;
  const add = (): void => {
    setAsking(true);
    setFault(undefined);
    const label = `passkey ${ids.length + 1}`;
    void addPasskey({ challenge, name: session.name, label, own: ids }).then((wrong) => {
      setAsking(false);
      setFault(wrong);
      if (wrong === undefined) say('The passkey was added');
      reload();
    });
  };
  const count = ids.length === 1 ? 'one passkey' : `${ids.length} passkeys`;
  return html`<${Card} title="Your passkeys">
    <div class="pad stack">
      <p>
        ${
          ids.length === 0
            ? 'An approval needs a passkey of yours, and you have none yet.'
            : `You have ${count}. An approval needs one of them.`
        }
      </p>
      ${fault !== undefined && html`<p role="alert" class="fault">${fault}</p>`}
      <div class="row">
        <button
          type="button"
          class=${ids.length === 0 ? 'btn main' : 'btn'}
          disabled=${isAsking}
          onClick=${add}
        >
          ${ids.length === 0 ? 'Add a passkey' : 'Add another passkey'}
        </button>
      </div>
    </div>
  <//>`;
}
