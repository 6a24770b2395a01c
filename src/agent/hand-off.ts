import {
  type AuthorityError,
  appendHop,
  type ConstraintsByPointer,
  type HandOffError,
  type HolderKey,
  type HopError,
  inspectToken,
  type NextHolder,
  type TokenError,
} from '../capability/index.ts';
import type { DpopKey } from '../dpop/index.ts';
import { anything, type Members, optional, optionsFault } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Capability } from './capability.ts';

/** To whom a capability is handed, and how much of it. */
export interface HandOffOptions extends NextHolder {
  /** The tools that the next holder may use, so that the whole is never handed on by omission. */
  readonly tools: string | readonly string[];
  /** Its datasets, each with everything below it. Without it, those of the capability. */
  readonly datasets?: string | readonly string[];
  /** Constraints on single arguments, by RFC 6901 pointer. */
  readonly arguments?: ConstraintsByPointer;
  /** The result is valid before this time. Without it, as long as the capability. */
  readonly expires?: Date;
}

const OPTIONS: Members<HandOffOptions> = {
  to: anything,
  name: optional(anything),
  tools: anything,
  datasets: optional(anything),
  arguments: optional(anything),
  expires: optional(anything),
};

/** A capability for another holder. Only the holder of its key can use it. */
export interface HandedOff {
  /** Send this to the next holder. */
  readonly token: string;
  readonly workflow: string;
  readonly audience: string;
  /** RFC 7638 thumbprint of the key of the next holder. */
  readonly to: string;
  readonly expires: Date;
}

/** Why a capability is not handed on. */
export type DelegationError =
  | HandOffError
  /** It is bound to no key, so a verifier could not tell who handed it on. */
  | { readonly code: 'unbound' };

/** Why a capability is not received. */
export type ReceiptError =
  | TokenError
  | AuthorityError
  | HopError
  | { readonly code: 'bound_to_another_key' };

/**
 * Hands a part of a capability to an agent in another process. Works offline: this holder signs a
 * block that binds the capability to the key of the next one. Records of its calls name both keys.
 *
 * The result belongs to the same workflow: it shares its budgets and ends with it. It cannot be
 * renewed, so hand on another before it expires. A capability that is bound to no key cannot be
 * handed on.
 *
 * @example
 * ```ts
 * import { createDpopKey, handOff } from 'hewn/agent';
 *
 * const researcher = await createDpopKey(); // In the other process, which sends its thumbprint.
 * const handed = await handOff(bound, {
 *   to: researcher.thumbprint,
 *   name: 'researcher',
 *   tools: 'crm.search',
 *   datasets: 'crm/contacts/eu',
 *   expires: new Date(Date.now() + 60_000),
 * });
 * if (!handed.ok) throw new Error(handed.error.code);
 * console.log(handed.value.token);
 * ```
 */
export async function handOff(
  capability: Capability,
  options: HandOffOptions,
): Promise<Result<HandedOff, DelegationError>> {
  const fault = optionsFault(options, 'handOff', OPTIONS);
  if (fault !== undefined) return refuse({ code: 'hand_off_invalid', why: fault });
  const { token, workflow, audience, holder } = capability;
  if (!holder) return refuse({ code: 'unbound' });
  const { to, name, tools, datasets, arguments: constraints, expires } = options;
  const next = name === undefined ? { to } : { to, name };
  const handed = await appendHop(token, holder as HolderKey, next, {
    tool: tools,
    ...(datasets !== undefined && { dataset: datasets }),
    ...(constraints !== undefined && { constraints }),
    ...(expires !== undefined && { expires }),
  });
  if (!handed.ok) return handed;
  const ends = Math.min(capability.expires.getTime(), expires?.getTime() ?? Infinity);
  return ok({ token: handed.value, workflow, audience, to, expires: new Date(ends) });
}

/**
 * Returns a capability that another agent handed to the holder of `key`, for `narrowingFetch` and
 * to hand on. Its signatures are not verified, because that needs the keys of the issuer: a server
 * that receives a forged one denies it.
 *
 * @example
 * ```ts
 * import { receiveHandOff } from 'hewn/agent';
 *
 * // `dpop` is the key whose thumbprint the other agent was given, and `bound.token` what it sent.
 * const received = await receiveHandOff(bound.token, dpop);
 * if (!received.ok) throw new Error(received.error.code);
 * console.log(received.value.task, received.value.grants);
 * ```
 */
export async function receiveHandOff(
  token: string,
  key: DpopKey,
): Promise<Result<Capability, ReceiptError>> {
  const read = await readHandOff(token, key);
  return read.ok ? ok(read.value.capability) : read;
}

/** Returns the capability, and the issuer that it names. */
export async function readHandOff(
  token: string,
  key: DpopKey,
): Promise<Result<{ readonly capability: Capability; readonly issuer: string }, ReceiptError>> {
  const claims = await inspectToken(token);
  if (!claims.ok) return claims;
  const { authority, holder, grants, expires: ends = 0 } = claims.value;
  if (holder !== key.thumbprint) return refuse({ code: 'bound_to_another_key' });
  const { workflow, task, audience, issuer } = authority;
  const expires = new Date(ends * 1000);
  return ok({
    capability: { token, workflow, task, audience, grants, expires, holder: key },
    issuer,
  });
}
