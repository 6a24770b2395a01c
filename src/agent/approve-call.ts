import * as v from 'valibot';
import { readBounded } from '../body.ts';
import { canonicalJson } from '../canonical-json.ts';
import { appendApproval, type Narrowing, narrow } from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import {
  APPROVAL_INTERVAL_SECONDS_MAX,
  APPROVAL_WAIT_SECONDS_MAX,
  APPROVED_CALL_SECONDS_MAX,
  APPROVED_CALLS_MAX,
  OBTAIN_MILLISECONDS_MAX,
  TOKEN_TEXT_BYTES_MAX,
  WORKFLOW_SECONDS_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { pause } from './approval.ts';
import type { ApprovalPending, Capability } from './capability.ts';
import type { NamedCall } from './named-call.ts';
import type { Approval } from './obtain-options.ts';
import { provingFetch } from './proving-fetch.ts';
import type { CapabilityHolder } from './refreshing.ts';

/** What became of a question about single calls. */
export type CallApproval =
  /** Each of the calls can be made once, until then. */
  | { readonly state: 'approved'; readonly until: Date }
  /** No one has answered yet: ask again about the same calls. */
  | { readonly state: 'pending'; readonly pending: ApprovalPending }
  /** A person said no, or their yes would not allow one of the calls. */
  | { readonly state: 'refused'; readonly error: string }
  /** The issuer cannot ask anyone right now, or approves no single calls at all. */
  | { readonly state: 'unavailable'; readonly error: string };

export interface CallApproverOptions {
  readonly issuer: string;
  readonly capability: Pick<CapabilityHolder, 'current'>;
  /** Returns what a step is narrowed to: this call and nothing else. */
  readonly narrowingOf: (call: NamedCall, capability: Capability) => Promise<Narrowing>;
  readonly approval: () => Promise<Approval>;
  readonly send: typeof fetch;
  readonly now: Clock;
}

/** Questions of one agent that are remembered. Beyond it, all of them are asked again. */
const PENDING_KEPT_MAX = 64;
const ANSWER_BYTES_MAX = 64 * 1024; // A block of 32 calls has 4 KiB.

const waiting = v.object({
  approval: v.pipe(v.string(), v.maxLength(64)),
  expires_in: v.pipe(v.number(), v.minValue(0), v.maxValue(WORKFLOW_SECONDS_MAX)),
  interval: v.pipe(v.number(), v.minValue(1), v.maxValue(APPROVAL_INTERVAL_SECONDS_MAX)),
});
const given = v.object({
  block: v.pipe(v.string(), v.maxLength(TOKEN_TEXT_BYTES_MAX)),
  until: v.number(),
});
const refusal = v.object({ error: v.string() });

/** Refusals after which another question about the same calls has the same answer. */
const FINAL: ReadonlySet<string> = new Set([
  ...(['approval_refused', 'call_not_approvable', 'invalid_request', 'body_too_large'] as const),
  'denied_by_operator',
]);

/** The token of an approved call. */
interface ApprovedToken {
  readonly token: string;
  readonly until: number;
  /** It is narrowed to the call already. */
  readonly isStep: boolean;
}

/** What is known about a call before it is sent. */
export interface CollectedCall {
  readonly taken?: ApprovedToken | undefined;
  /** What became of its question, if one was open. */
  readonly answer?: CallApproval;
}

/**
 * Asks the issuer about single calls, waits for a person as long as the options allow, and keeps
 * the tokens of approved calls until each was used once.
 */
export class CallApprover {
  readonly #options: CallApproverOptions;
  readonly #prove: ReturnType<typeof provingFetch>;
  /** The question that is open for each list of calls. */
  readonly #pending = new Map<string, OpenQuestion>();
  readonly #approved = new Map<string, ApprovedToken>();

  constructor(options: CallApproverOptions) {
    this.#options = options;
    this.#prove = provingFetch(options.send, options.now);
  }

  /**
   * Takes the token of an approved call. Returns undefined if it has none. It can be taken once.
   */
  take(call: NamedCall): ApprovedToken | undefined {
    const key = keyOf([call]);
    const found = this.#approved.get(key);
    this.#approved.delete(key);
    return found && found.until > this.#options.now() ? found : undefined;
  }

  /**
   * Takes the token of an approved call, and asks for the answer first if the call is part of an
   * open question: sent without its approval, it would be denied and recorded once more.
   */
  async collect(call: NamedCall): Promise<CollectedCall> {
    const taken = this.take(call);
    if (taken) return { taken };
    const open = [...this.#pending.values()].find(({ calls }) => isAmong(calls, call));
    if (!open) return {};
    const answer = await this.approve(open.calls);
    return { answer, taken: this.take(call) };
  }

  /** Asks about 1 to 32 calls in one question, or for the answer to it. */
  async approve(calls: readonly NamedCall[]): Promise<CallApproval> {
    if (calls.length === 0 || calls.length > APPROVED_CALLS_MAX) {
      return { state: 'refused', error: 'invalid_request' };
    }
    const { waitMilliseconds = 0, onPending, signal } = await this.#options.approval();
    const until = performance.now() + waitMilliseconds;
    const key = keyOf(calls);
    let pending: ApprovalPending | undefined;
    for (;;) {
      const isNew = pending === undefined && !this.#pending.has(key);
      const asked = await this.#ask(calls, key, { until, signal });
      if (!asked.ok) {
        return pending && signal?.aborted ? { state: 'pending', pending } : asked.error;
      }
      if (!('pending' in asked.value)) return { state: 'approved', until: asked.value.until };
      pending = asked.value.pending;
      if (isNew) onPending?.(pending);
      // The next request waits at the issuer. The interval is for one after a poll.
      const milliseconds = isNew ? 0 : pending.intervalSeconds * 1000;
      const isOver = performance.now() + milliseconds >= until;
      if (isOver || !(await pause(milliseconds, signal))) return { state: 'pending', pending };
    }
  }

  /** Sends one request: each has its own token, because a step lives for less than a question. */
  async #ask(
    calls: readonly NamedCall[],
    key: string,
    patience: Patience,
  ): Promise<Result<Asked | Collected, CallApproval>> {
    const current = await this.#options.capability.current();
    if (!current.ok) return unavailable(current.error.code);
    const base = await this.#baseOf(calls, current.value);
    if (!base.ok) return unavailable(base.error.code);
    const answer = await this.#post({ ...current.value, token: base.value }, calls, key, patience);
    if (!answer.ok || 'pending' in answer.value) {
      if (answer.ok && 'pending' in answer.value) this.#remember(calls, answer.value.pending.id);
      else this.#pending.delete(key);
      return answer;
    }
    this.#pending.delete(key);
    const approved = await appendApproval(base.value, answer.value.block);
    if (!approved.ok) return unavailable(approved.error.code);
    const until = answer.value.until.getTime();
    const isStep = calls.length === 1;
    for (const call of calls) {
      this.#approved.set(keyOf([call]), { token: approved.value, until, isStep });
    }
    return answer;
  }

  /** One call has the token of its step. Several share one, which each call narrows further. */
  async #baseOf(calls: readonly NamedCall[], capability: Capability) {
    const { now, narrowingOf } = this.#options;
    const expires = new Date((Math.floor(now() / 1000) + APPROVED_CALL_SECONDS_MAX) * 1000);
    const [call, ...others] = calls;
    const narrowing =
      call && others.length === 0
        ? await narrowingOf(call, capability)
        : { tool: [...new Set(calls.map(({ tool }) => tool))] };
    return narrow(capability.token, { ...narrowing, expires });
  }

  #remember(calls: readonly NamedCall[], id: string): void {
    const key = keyOf(calls);
    const isNew = !this.#pending.has(key);
    if (isNew && this.#pending.size >= PENDING_KEPT_MAX) this.#pending.clear();
    this.#pending.set(key, { id, calls });
  }

  async #post(
    { token, workflow, holder }: Capability,
    calls: readonly NamedCall[],
    key: string,
    { until, signal }: Patience,
  ): Promise<Result<Asked | Collected, CallApproval>> {
    const { issuer, send, now } = this.#options;
    const approval = this.#pending.get(key)?.id;
    // The issuer answers as soon as a person has. The first answer names the question to them.
    const left = Math.floor((until - performance.now()) / 1000);
    const wait = approval === undefined ? 0 : Math.min(left, APPROVAL_WAIT_SECONDS_MAX);
    const timeout = AbortSignal.timeout(OBTAIN_MILLISECONDS_MAX + Math.max(wait, 0) * 1000);
    const request = new Request(`${issuer}/workflows/v1/${workflow}/approvals`, {
      method: 'POST',
      body: JSON.stringify({ calls, ...(approval !== undefined && { approval }) }),
      // A redirect must not take the token elsewhere.
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        authorization: `${holder ? 'DPoP' : 'Bearer'} ${token}`,
        ...(wait > 0 && { prefer: `wait=${wait}` }),
      },
      signal: signal && wait > 0 ? AbortSignal.any([signal, timeout]) : timeout,
    });
    try {
      const response = await (holder ? this.#prove(request, holder, token) : send(request));
      const body = await readBounded(response, ANSWER_BYTES_MAX);
      return readAnswer(response.status, body.ok ? JSON.parse(body.value) : undefined, now());
    } catch (error) {
      return unavailable(error instanceof SyntaxError ? 'malformed_answer' : 'unreachable');
    }
  }
}

interface OpenQuestion {
  readonly id: string;
  readonly calls: readonly NamedCall[];
}

const isAmong = (calls: readonly NamedCall[], call: NamedCall): boolean =>
  calls.some((one) => keyOf([one]) === keyOf([call]));

/** How long an answer may take. */
interface Patience {
  /** By `performance.now()`. */
  readonly until: number;
  readonly signal: AbortSignal | undefined;
}

interface Asked {
  readonly pending: ApprovalPending;
}

interface Collected {
  readonly block: string;
  readonly until: Date;
}

function readAnswer(
  status: number,
  body: unknown,
  now: number,
): Result<Asked | Collected, CallApproval> {
  const asked = status === 202 ? v.safeParse(waiting, body) : undefined;
  if (asked?.success) {
    const { approval: id, expires_in: seconds, interval: intervalSeconds } = asked.output;
    const expires = new Date(now + seconds * 1000);
    return ok({ pending: { code: 'approval_pending', id, expires, intervalSeconds } });
  }
  const collected = status === 200 ? v.safeParse(given, body) : undefined;
  if (collected?.success) {
    const { block, until } = collected.output;
    return ok({ block, until: new Date(until * 1000) });
  }
  const refused = v.safeParse(refusal, body);
  const error = refused.success ? refused.output.error : 'malformed_answer';
  return FINAL.has(error) ? refuse({ state: 'refused', error }) : unavailable(error);
}

const unavailable = (error: string): Result<never, CallApproval> =>
  refuse({ state: 'unavailable', error });

const keyOf = (calls: readonly NamedCall[]): string =>
  canonicalJson(calls.map(({ tool, args }) => [tool, args]));
