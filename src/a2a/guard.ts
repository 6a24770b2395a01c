import { type DpopKey, type HandedConnection, openHandOff } from '../agent/index.ts';
import { type Clock, readClock, type UnixMilliseconds } from '../clock.ts';
import { checkProof, type SeenProofs, seenProofs, tokenHash } from '../dpop/index.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import {
  callable,
  expecting,
  type Members,
  object,
  optional,
  readOptions,
  text,
} from '../options.ts';
import { type Result, refuse } from '../result.ts';
import type { Tier, Verifier } from '../verifier/index.ts';
import { HAND_OFF_EXTENSION } from './extension.ts';
import { type A2aMessage, messageDigest } from './message.ts';

/** The part of the `RequestContext` of `@a2a-js/sdk` that the guard reads. */
export interface A2aRequest {
  readonly userMessage: A2aMessage;
  readonly taskId: string;
  readonly contextId: string;
}

/** The part of the `ExecutionEventBus` of `@a2a-js/sdk` that the guard uses. */
export interface A2aBus {
  publish(event: never): void;
  finished(): void;
}

/** The options of `guardExecutor`. */
export interface GuardExecutorOptions<Request extends A2aRequest, Bus extends A2aBus> {
  /**
   * Verifies capabilities for the resource server that this agent will call: a verifier with the
   * `audience` below, the keys of the issuer and its feed.
   */
  readonly verifier: Pick<Verifier, 'admit'>;
  /** The key of this agent, whose thumbprint its card has. */
  readonly dpop: DpopKey;
  /** The URL of this agent's interface, as its card has it. */
  readonly url: string;
  readonly issuer: string;
  /** The gateway or API that the capabilities are for. */
  readonly audience: string;
  /** Does the work, with nothing but the capability that the message brought. */
  readonly execute: (request: Request, bus: Bus, handed: HandedConnection) => Promise<void>;
  readonly cancelTask: (taskId: string, bus: Bus) => Promise<void>;
  /** How fresh the revocations must be when a message arrives; 1 by default. */
  readonly tier?: Tier;
  readonly fetch?: typeof fetch;
  /** The wall clock by default. */
  readonly now?: Clock;
}

const OPTIONS: Members<GuardExecutorOptions<A2aRequest, A2aBus>> = {
  verifier: object,
  dpop: object,
  url: text,
  issuer: text,
  audience: text,
  execute: callable,
  cancelTask: callable,
  tier: optional(expecting('a tier from 0 to 3', (tier) => [0, 1, 2, 3].includes(tier as number))),
  fetch: optional(callable),
  now: optional(callable),
};

/** An `AgentExecutor` of `@a2a-js/sdk`. */
export interface GuardedExecutor<Request, Bus> {
  readonly execute: (request: Request, bus: Bus) => Promise<void>;
  readonly cancelTask: (taskId: string, bus: Bus) => Promise<void>;
}

/** Why a message is refused, or the code of a verifier's denial. */
type Refusal = { readonly code: string };

/**
 * Guards an A2A agent of `@a2a-js/sdk`: returns an executor that refuses each message unless it
 * brings a capability that was handed to this agent's key by the sender of exactly this message.
 * The capability is verified, with its revocations, before `execute` sees the message.
 *
 * A refused message becomes a rejected task, whose metadata has the code. Throws a TypeError for
 * options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { type A2aBus, type A2aRequest, guardExecutor } from 'hewn/a2a';
 *
 * const executor = guardExecutor<A2aRequest, A2aBus>({
 *   verifier,
 *   dpop,
 *   url: 'https://researcher.example/a2a',
 *   issuer,
 *   audience,
 *   execute: async (_request, bus, handed) => {
 *     const { url, fetch } = handed.mcp('crm');
 *     console.log(url.href, typeof fetch);
 *     bus.finished();
 *   },
 *   cancelTask: async () => {},
 * });
 * console.log(typeof executor.execute);
 * ```
 */
export function guardExecutor<Request extends A2aRequest, Bus extends A2aBus>(
  options: GuardExecutorOptions<Request, Bus>,
): GuardedExecutor<Request, Bus> {
  readOptions(
    options as unknown as GuardExecutorOptions<A2aRequest, A2aBus>,
    'guardExecutor',
    OPTIONS,
  );
  const { execute, cancelTask, now = readClock } = options;
  const seen = seenProofs();
  return {
    async execute(request, bus) {
      const handed = await receive(request.userMessage, options, seen);
      if (handed.ok) return execute(request, bus, handed.value);
      bus.publish(rejection(request, handed.error.code, now()) as never);
      bus.finished();
    },
    cancelTask,
  };
}

type Expected = Omit<GuardExecutorOptions<never, never>, 'execute' | 'cancelTask'>;

async function receive(
  message: A2aMessage,
  { verifier, dpop, url, issuer, audience, tier = 1, now = readClock, fetch: send }: Expected,
  seen: SeenProofs,
): Promise<Result<HandedConnection, Refusal>> {
  const brought = message.metadata?.[HAND_OFF_EXTENSION];
  if (brought === undefined) return refuse({ code: 'capability_missing' });
  const { capability: token, proof } = Object(brought) as Readonly<Record<string, unknown>>;
  if (typeof token !== 'string' || typeof proof !== 'string') {
    return refuse({ code: 'capability_malformed' });
  }
  if (token.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const { decision, capability } = await verifier.admit(token, { tier, holder: dpop.thumbprint });
  if (!decision.allowed) return refuse({ code: decision.denial.code });
  // A capability that this agent obtained by itself has no sender, even if someone sends it back.
  const sender = capability?.hops.at(-1)?.by;
  if (sender === undefined) return refuse({ code: 'capability_not_handed_on' });
  const digest = await messageDigest(message);
  const checked = await checkProof(proof, {
    method: 'POST',
    url,
    now: now(),
    ath: await tokenHash(token),
    seen,
    nonces: { issue: async () => digest, accepts: async (nonce) => nonce === digest },
  });
  if (!checked.ok || checked.value.thumbprint !== sender) {
    return refuse({ code: 'sender_unproven' });
  }
  return openHandOff({ token, dpop, issuer, audience, now, ...(send && { fetch: send }) });
}

const REJECTED = 7; // TASK_STATE_REJECTED
const AGENT = 2; // ROLE_AGENT

/** Returns the event of a task that the agent refuses to do. */
function rejection(
  { taskId, contextId }: A2aRequest,
  code: string,
  now: UnixMilliseconds,
): unknown {
  const metadata = { [HAND_OFF_EXTENSION]: { code } };
  const value = `This agent does not accept the capability of the message: ${code}.`;
  const message = {
    messageId: crypto.randomUUID(),
    contextId,
    taskId,
    role: AGENT,
    parts: [
      { content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: '' },
    ],
    metadata,
    extensions: [HAND_OFF_EXTENSION],
    referenceTaskIds: [],
  };
  const status = { state: REJECTED, message, timestamp: new Date(now).toISOString() };
  return {
    kind: 'task',
    data: { id: taskId, contextId, status, artifacts: [], history: [], metadata },
  };
}
