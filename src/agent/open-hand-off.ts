import { type Clock, readClock } from '../clock.ts';
import type { DpopKey } from '../dpop/index.ts';
import { STEP_SECONDS_DEFAULT } from '../limits.ts';
import { callable, type Members, object, optional, readOptions, text } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Capability } from './capability.ts';
import type { Connection } from './connect.ts';
import { issuerCatalogue } from './fetch-catalogue.ts';
import {
  type DelegationError,
  type HandedOff,
  type HandOffOptions,
  handOff,
  type ReceiptError,
  readHandOff,
} from './hand-off.ts';
import { serversOf } from './mcp-servers.ts';
import { narrowedSender, requestOf } from './narrowed-sender.ts';

/** The options of `openHandOff`. */
export interface OpenHandOffOptions {
  /** What the other agent sent: `HandedOff.token`. */
  readonly token: string;
  /** The key whose thumbprint the other agent was given. */
  readonly dpop: DpopKey;
  /** The only issuer, and the only audience, whose capabilities are accepted. */
  readonly issuer: string;
  readonly audience: string;
  readonly fetch?: typeof fetch;
  /** The wall clock by default. */
  readonly now?: Clock;
}

const OPTIONS: Members<OpenHandOffOptions> = {
  token: text,
  dpop: object,
  issuer: text,
  audience: text,
  fetch: optional(callable),
  now: optional(callable),
};

/** Why a capability that another agent sent is not used. */
export type OpenHandOffError =
  | ReceiptError
  | { readonly code: 'another_issuer'; readonly issuer: string }
  | { readonly code: 'another_audience'; readonly audience: string };

/** The use of a capability that another agent handed on. It ends when the capability expires. */
export interface HandedConnection extends Pick<Connection, 'workflow' | 'audience' | 'mcp'> {
  readonly capability: Capability;
  /** Sends a request to the audience, narrowed and proven as that of a `Connection`. */
  readonly fetch: typeof fetch;
  /** Hands a part of it on again. */
  readonly delegate: (options: HandOffOptions) => Promise<Result<HandedOff, DelegationError>>;
}

/**
 * Opens a capability that another agent handed to the holder of `dpop`, and returns what sends
 * calls with it. It cannot be renewed, and its holder cannot end the workflow.
 *
 * The signatures of the token are not verified, because that needs the keys of the issuer: a server
 * that receives a forged one denies it. Throws a TypeError for options that it does not know.
 *
 * @example
 * ```ts
 * import { openHandOff } from 'hewn/agent';
 *
 * // `dpop` is the key whose thumbprint the other agent was given, and `bound.token` what it sent.
 * const opened = await openHandOff({ token: bound.token, dpop, issuer, audience, fetch });
 * if (!opened.ok) throw new Error(opened.error.code);
 * const response = await opened.value.fetch(`${audience}/contacts/eu`);
 * console.log(response.status);
 * ```
 */
export async function openHandOff(
  options: OpenHandOffOptions,
): Promise<Result<HandedConnection, OpenHandOffError>> {
  const {
    token,
    dpop,
    issuer,
    audience,
    now = readClock,
    fetch: send = fetch,
  } = readOptions(options, 'openHandOff', OPTIONS);
  const read = await readHandOff(token, dpop);
  if (!read.ok) return read;
  const { capability, issuer: stated } = read.value;
  // What the token says decides where its catalogue is fetched from, and where it is sent.
  if (stated !== issuer) return refuse({ code: 'another_issuer', issuer: stated });
  if (capability.audience !== audience) {
    return refuse({ code: 'another_audience', audience: capability.audience });
  }

  const servers = serversOf(audience);
  const step = narrowedSender({
    capability,
    catalogue: issuerCatalogue({ issuer, fetch: send }),
    seconds: STEP_SECONDS_DEFAULT,
    send,
    now,
    serverOf: servers.at,
  });
  const stepping: typeof fetch = async (input, init) =>
    (await step(requestOf(input, init))).response;
  return ok({
    workflow: capability.workflow,
    audience,
    capability,
    fetch: stepping,
    mcp: (server, url) => ({ url: servers.add(server, url), fetch: stepping }),
    delegate: (part) => handOff(capability, part),
  });
}
