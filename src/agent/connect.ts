/// <reference lib="esnext.disposable" preserve="true" />
import type { Grant } from '../capability/index.ts';
import { readClock } from '../clock.ts';
import { createDpopKey } from '../dpop/index.ts';
import { STEP_SECONDS_DEFAULT } from '../limits.ts';
import type { Result } from '../result.ts';
import { type CallApproval, CallApprover } from './approve-call.ts';
import { type ChildOptions, childOf } from './child-options.ts';
import { ConnectFailed, connectFailed } from './connect-failed.ts';
import { type ConnectOptions, connectFault } from './connect-options.ts';
import type { Ended, EndingError } from './end-workflow.ts';
import { issuerCatalogue } from './fetch-catalogue.ts';
import { type DelegationError, type HandedOff, type HandOffOptions, handOff } from './hand-off.ts';
import type { IdentitySource } from './identity/index.ts';
import { type McpEndpoint, serversOf } from './mcp-servers.ts';
import type { NamedCall } from './named-call.ts';
import { catalogueOf, narrowedSender, narrowingOf } from './narrowed-sender.ts';
import { obtainCapability } from './obtain.ts';
import type { ObtainOptions } from './obtain-options.ts';
import { AgentReceipts } from './receipts/index.ts';
import { type CapabilityHolder, holderOf, type RenewalError } from './refreshing.ts';
import { steppingFetch } from './stepping-fetch.ts';
import { hintAboutTokens } from './token-hint.ts';
import { wideningLists } from './widening-lists.ts';

/** What a child workflow begins below. */
type Under = Pick<ObtainOptions, 'parent' | 'budgets'>;

/** The session of an agent: one workflow, from its first capability to its end. */
export interface Connection extends AsyncDisposable {
  /** The id of the workflow. */
  readonly workflow: string;
  readonly audience: string;
  /** The current capability, which renews itself: see `refreshing`. */
  readonly capability: CapabilityHolder;
  /**
   * Sends a request to the audience with its own token, which is narrowed to this request and
   * proves the key. Steps up as `stepUp` of the options says. Throws `NarrowingFailed` instead of
   * sending a wide token.
   */
  readonly fetch: typeof fetch;
  /**
   * Requests grants that a denied call needs, if `stepUp` of the options allows, and returns
   * whether the capability has them now. What was refused is not requested again.
   */
  readonly widen: (needed: readonly Grant[]) => Promise<boolean>;
  /**
   * Asks a person to approve these calls, up to 32 in one question, or for their answer if it was
   * asked before. Each approved call can then be made once through `fetch` within a minute. A call
   * whose denial offers an approval is asked about without this.
   */
  readonly approve: (calls: readonly NamedCall[]) => Promise<CallApproval>;
  /**
   * Returns the address of an MCP server of the gateway with the `fetch` of this connection. Pass
   * `url` for a server that is the audience itself, without a gateway. Unless `stepUp` is `never`,
   * its lists of tools state the granted datasets in words: a client that compares arguments with a
   * schema would refuse a call before it can step up.
   */
  readonly mcp: (server: string, url?: string | URL) => McpEndpoint;
  /**
   * Hands a part of the capability to an agent in another process, which has a key and no identity
   * at the issuer: see `handOff`.
   */
  readonly delegate: (
    options: HandOffOptions,
  ) => Promise<Result<HandedOff, DelegationError | RenewalError>>;
  /**
   * Begins a child workflow for a sub-agent in this process: with its own grants, which this
   * workflow must have, its own budgets and its own end. It ends with this workflow at the latest.
   * Throws `ConnectFailed`, as `connect` does.
   */
  readonly child: (options: ChildOptions) => Promise<Connection>;
  /** Ends the workflow as done, after a grace period for calls in flight. This is final. */
  readonly complete: (graceSeconds?: number) => Promise<Result<Ended, RenewalError | EndingError>>;
  /** Ends the workflow as failed. This is final. */
  readonly fail: (reason?: string) => Promise<Result<Ended, RenewalError | EndingError>>;
}

/**
 * Begins a workflow and returns its session: the capability is obtained, bound to a key that never
 * leaves the process, renewed ahead of expiry, narrowed for each call, widened when a denial says
 * what is missing, and given up at the end. With `await using`, the workflow ends with the block.
 *
 * Throws `ConnectFailed` if there is no capability: its message says why, and what to do.
 *
 * @example
 * ```ts
 * import { connect, identityFrom } from 'hewn/agent';
 *
 * await using connection = await connect({
 *   issuer,
 *   audience,
 *   identity: identityFrom(async () => actorToken),
 *   user: identityFrom(async () => subjectToken),
 *   task: 'quarterly churn report',
 *   grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
 *   fetch,
 * });
 * const response = await connection.fetch(`${audience}/contacts/eu`);
 * console.log(response.status);
 * ```
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const why = connectFault(options);
  if (why !== undefined) throw new ConnectFailed('options_invalid', { why, advice: '' });
  return begin(options);
}

/** Begins or continues a workflow; below another one, if `under` is given. */
async function begin(options: ConnectOptions, under?: Under): Promise<Connection> {
  const { issuer, audience, stepUp = 'policy', now = readClock, fetch: send = fetch } = options;
  const lease = options.renewWithinSeconds;
  const dpop = options.dpop ?? (await createDpopKey());
  const describe = async (): Promise<ObtainOptions> => ({
    ...(await obtainOptionsOf(options)),
    ...(dpop && { dpop }),
  });
  const requested = await describe();
  const first = await obtainCapability({ ...requested, ...under });
  if (!first.ok) throw connectFailed(first.error, hintAboutTokens(requested, now()));
  const renewal = async (): Promise<ObtainOptions> => {
    const described = await describe();
    const { id: _, ...approval } = described.approval ?? {}; // It was for the first capability.
    return { ...described, approval };
  };
  const holder = holderOf(renewal, {
    first: first.value,
    now,
    ...(lease !== undefined && { renewAfterSeconds: lease / 2 }),
  });
  const servers = serversOf(audience);
  const catalogue = issuerCatalogue({ issuer, fetch: send });
  const approver = new CallApprover({
    issuer,
    capability: holder,
    narrowingOf: async (call, capability) =>
      narrowingOf(call, await catalogueOf(catalogue, capability)),
    approval: async () => (await renewal()).approval ?? {},
    send,
    now,
  });
  const receipts = new AgentReceipts();
  const step = narrowedSender({
    capability: holder,
    catalogue,
    seconds: STEP_SECONDS_DEFAULT,
    send,
    now,
    serverOf: servers.at,
    receipts,
    approver,
  });
  const { approveCalls = stepUp !== 'never' } = options;
  const asking = approveCalls ? { approver } : {};
  const { fetch: stepping, widen } = steppingFetch({ step, holder, stepUp, ...asking });
  const stopRenewing = lease === undefined ? () => {} : keepAlive(holder, lease);
  const stop = (): void => {
    stopRenewing();
    receipts.drop();
  };
  let isEnded = false;
  const end = async (ending: Promise<Result<Ended, RenewalError | EndingError>>) => {
    const ended = await ending;
    isEnded ||= ended.ok;
    if (isEnded) stop();
    return ended;
  };
  return {
    workflow: first.value.workflow,
    audience,
    capability: holder,
    fetch: stepping,
    widen,
    approve: (calls) => approver.approve(calls),
    mcp: (server, url) => ({
      url: servers.add(server, url),
      fetch: stepUp === 'never' ? stepping : wideningLists(stepping),
    }),
    delegate: async (part) => {
      const current = await holder.current();
      return current.ok ? handOff(current.value, part) : current;
    },
    child: async (child) => begin(childOf(options, child, dpop), await parentOf(holder, child)),
    complete: (graceSeconds) => end(holder.complete(graceSeconds)),
    fail: (reason) => end(holder.fail(reason)),
    [Symbol.asyncDispose]: async () => {
      if (!isEnded) await holder.complete();
      // Without an answer, the workflow ends when its capability is not renewed.
      stop();
      holder.drop();
    },
  };
}

/** Renews the lease of a workflow whose agent makes no calls. Returns what ends that. */
function keepAlive(holder: CapabilityHolder, leaseSeconds: number): () => void {
  const timer = setInterval(() => holder.current(), (leaseSeconds * 1000) / 10);
  // In Node, a session does not keep its process running.
  if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
  return () => clearInterval(timer);
}

/** Reads the capability that a child begins below. */
async function parentOf(holder: CapabilityHolder, { budgets }: ChildOptions): Promise<Under> {
  const current = await holder.current();
  if (!current.ok) {
    const { error } = current;
    if (error.code !== 'workflow_ended') throw connectFailed(error);
    const why = 'The workflow has ended, so no child can begin below it.';
    throw new ConnectFailed(error.code, { why, advice: 'Begin another one with `connect`.' });
  }
  return { parent: current.value, ...(budgets && { budgets }) };
}

async function obtainOptionsOf(options: ConnectOptions): Promise<ObtainOptions> {
  const { identity, user, dpop: _, stepUp: _2, approveCalls: _3, ...rest } = options;
  const { issuer } = rest;
  const actorToken = await tokenOf(identity, 'identity', issuer);
  if (user === undefined) return { ...rest, actorToken };
  return { ...rest, actorToken, subjectToken: await tokenOf(user, 'user', issuer) };
}

async function tokenOf(
  source: IdentitySource,
  option: 'identity' | 'user',
  issuer: string,
): Promise<string> {
  try {
    const token = await source.token({ issuer });
    if (typeof token === 'string' && token !== '') return token;
    throw new Error('it returned no token');
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new ConnectFailed('identity_unavailable', {
      why: `The source of \`${option}\` (${source.name}) has no token: ${why}.`,
      advice: '',
      cause: error,
    });
  }
}
