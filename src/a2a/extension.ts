import { isThumbprint } from '../jwk-thumbprint.ts';

/** The URI of the extension: in an agent card, in a message and in the key of its metadata. */
export const HAND_OFF_EXTENSION = 'https://hewn.dev/a2a/hand-off/v1';

/** An entry of `capabilities.extensions` in an agent card. */
export interface CardExtension {
  readonly uri: string;
  readonly description: string;
  readonly required: boolean;
  readonly params: Record<string, unknown>;
}

/**
 * Returns the entry of an agent card that says to which key capabilities are handed. It is
 * `required`: the guard refuses a message without one.
 *
 * @example
 * ```ts
 * import { handOffExtension } from 'hewn/a2a';
 *
 * const capabilities = { streaming: false, extensions: [handOffExtension(dpop)] };
 * console.log(capabilities.extensions[0]?.params);
 * ```
 */
export const handOffExtension = ({
  thumbprint,
}: {
  readonly thumbprint: string;
}): CardExtension => ({
  uri: HAND_OFF_EXTENSION,
  description: 'Works with a capability that the sender hands to the key of this agent.',
  required: true,
  params: { jkt: thumbprint },
});

/** The part of an agent card that is read. */
export interface Card {
  readonly name: string;
  readonly capabilities?:
    | { readonly extensions: readonly { readonly uri: string; readonly params?: unknown }[] }
    | undefined;
}

/**
 * Returns to whom an agent card wants capabilities to be handed, for `handOffMessage`. Undefined
 * for a card without the extension. Nothing in a card proves who wrote it: read it over TLS from
 * the agent's own host, or verify its signature.
 */
export function nextHolderOf(card: Card): { to: string; name: string } | undefined {
  const entry = card.capabilities?.extensions.find(({ uri }) => uri === HAND_OFF_EXTENSION);
  const { jkt } = Object(entry?.params) as { jkt?: unknown };
  return isThumbprint(jkt) ? { to: jkt, name: card.name.slice(0, 32) } : undefined;
}
