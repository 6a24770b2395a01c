import type {
  Capability,
  CapabilityHolder,
  DelegationError,
  HandOffOptions,
  RenewalError,
} from '../agent/index.ts';
import { handOff } from '../agent/index.ts';
import { canonicalJson, type Json } from '../canonical-json.ts';
import { type Clock, readClock } from '../clock.ts';
import { signProof } from '../dpop/index.ts';
import { toBase64Url, utf8 } from '../encoding.ts';
import {
  anything,
  callable,
  type Members,
  object,
  optional,
  optionsFault,
  text,
} from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { HAND_OFF_EXTENSION } from './extension.ts';

/** The part of a message of `@a2a-js/sdk` that this door reads and writes. */
export interface A2aMessage {
  readonly messageId: string;
  readonly parts: readonly {
    readonly content?: { readonly $case: string; readonly value?: unknown } | undefined;
    readonly filename: string;
    readonly mediaType: string;
  }[];
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly extensions: readonly string[];
}

/** The options of `handOffMessage`: whose capability, to whom, and how much of it. */
export interface HandOffMessageOptions extends HandOffOptions {
  /** The capability of the sender, or the holder of the current one: `connection.capability`. */
  readonly capability: Capability | CapabilityHolder;
  /** The URL of the other agent's interface, as its card has it. */
  readonly url: string;
  /** The wall clock by default. */
  readonly now?: Clock;
}

const OPTIONS: Members<HandOffMessageOptions> = {
  capability: object,
  url: text,
  now: optional(callable),
  to: anything,
  name: optional(anything),
  tools: anything,
  datasets: optional(anything),
  arguments: optional(anything),
  expires: optional(anything),
};

/**
 * Returns the message with a part of the sender's capability for the agent that receives it, and
 * with a proof that the sender wrote exactly this message. Both are in its metadata, under
 * `HAND_OFF_EXTENSION`. Send the result once: a proof is valid once.
 *
 * @example
 * ```ts
 * import { handOffMessage } from 'hewn/a2a';
 *
 * const part = { content: { $case: 'text', value: 'Summarise EU' }, filename: '', mediaType: '' };
 * const draft = { messageId: 'm1', parts: [part], metadata: undefined, extensions: [] };
 * const message = await handOffMessage(draft, {
 *   capability: bound,
 *   url: 'https://researcher.example/a2a',
 *   to: dpop.thumbprint, // From `nextHolderOf(card)`.
 *   tools: 'crm.search',
 *   datasets: 'crm/contacts/eu',
 * });
 * if (!message.ok) throw new Error(message.error.code);
 * ```
 */
export async function handOffMessage<M extends A2aMessage>(
  message: M,
  options: HandOffMessageOptions,
): Promise<Result<M, DelegationError | RenewalError>> {
  const fault = optionsFault(options, 'handOffMessage', OPTIONS);
  if (fault !== undefined) return refuse({ code: 'hand_off_invalid', why: fault });
  const { capability: source, url, now = readClock, ...part } = options;
  const current = 'current' in source ? await source.current() : ok(source);
  if (!current.ok) return current;
  const handed = await handOff(current.value, part);
  if (!handed.ok) return handed;
  const { holder } = current.value;
  if (!holder) return refuse({ code: 'unbound' });
  const { token } = handed.value;
  const nonce = await messageDigest(message);
  const proof = await signProof(holder, { method: 'POST', url, now: now(), token, nonce });
  return ok({
    ...message,
    extensions: [...message.extensions, HAND_OFF_EXTENSION],
    metadata: { ...message.metadata, [HAND_OFF_EXTENSION]: { capability: token, proof } },
  });
}

/**
 * Returns the digest of what a message asks: its id, its parts and its other metadata. It is the
 * `nonce` of the proof, so that no one on the way can put other instructions next to a capability.
 */
export async function messageDigest({ messageId, parts, metadata }: A2aMessage): Promise<string> {
  const { [HAND_OFF_EXTENSION]: _, ...others } = metadata ?? {};
  const asked = {
    messageId,
    parts: parts.map(({ content, filename, mediaType }) => ({
      kind: content?.$case ?? '',
      value: plain(content?.value),
      filename,
      mediaType,
    })),
    metadata: plain(others),
  };
  const digest = await crypto.subtle.digest('SHA-256', utf8(canonicalJson(asked)));
  return toBase64Url(new Uint8Array(digest));
}

/** As it is on the wire: bytes as text, and no undefined members. */
const plain = (value: unknown): Json =>
  value instanceof Uint8Array
    ? toBase64Url(value)
    : (JSON.parse(JSON.stringify(value ?? null)) as Json);
