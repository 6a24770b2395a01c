import { canonicalJson, type Json } from '../canonical-json.ts';
import { coversGrant, type Grant } from '../capability/index.ts';
import { withApprovalNote } from './approval-note.ts';
import type { CallApprover } from './approve-call.ts';
import type { StepUp } from './connect-options.ts';
import { requestOf, type Sent } from './narrowed-sender.ts';
import { neededGrantsOf, offersApproval } from './needed-grants.ts';
import type { CapabilityHolder } from './refreshing.ts';

/** A model that repeats a refused call must not flood the issuer, or the person who refused. */
const REFUSED_KEPT_MAX = 64;

const UNDECIDED: ReadonlySet<string> = new Set(['unreachable', 'approval_pending']);

type Widened = 'wider' | 'refused' | 'undecided';

export interface SteppingOptions {
  readonly step: (request: Request) => Promise<Sent>;
  readonly holder: CapabilityHolder;
  readonly stepUp: StepUp;
  /** Asks a person about single calls. Without it, no one is asked. */
  readonly approver?: Pick<CallApprover, 'approve'> | undefined;
}

/** A `fetch` that steps up, and the same for the denials of other clients. */
export interface Stepping {
  readonly fetch: typeof fetch;
  /** Returns whether the capability has these grants now. */
  readonly widen: (needed: readonly Grant[]) => Promise<boolean>;
}

/**
 * Returns a `fetch` that answers a denial which says what is missing: it asks the issuer for that,
 * once, and sends the call again. Whatever is refused, the caller gets the denial.
 */
export function steppingFetch({ step, holder, stepUp, approver }: SteppingOptions): Stepping {
  const refused = new Set<string>();
  const asked = new Map<string, Promise<Widened>>();
  const widen = async (needed: readonly Grant[]): Promise<Widened> => {
    const current = await holder.current();
    // Another call has stepped up for the same grants in the meantime.
    if (current.ok && needed.every((grant) => coversGrant(current.value.grants, grant))) {
      return 'wider';
    }
    if (!(await isWanted(stepUp, needed))) return 'refused';
    const wider = await holder.stepUp(needed);
    if (wider.ok) return 'wider';
    // No one has decided yet, so the same may be requested again.
    return UNDECIDED.has(wider.error.code) ? 'undecided' : 'refused';
  };
  /** Asks once for all calls that lack the same grants. */
  const widenOnce = async (needed: readonly Grant[]): Promise<boolean> => {
    const key = canonicalJson(needed as unknown as Json);
    if (refused.has(key)) return false;
    const question = asked.get(key) ?? widen(needed);
    asked.set(key, question);
    try {
      const widened = await question;
      if (widened === 'refused' && refused.size < REFUSED_KEPT_MAX) refused.add(key);
      return widened === 'wider';
    } finally {
      asked.delete(key);
    }
  };
  const send: typeof fetch = async (input, init) => {
    const request = requestOf(input, init);
    if (stepUp === 'never' && !approver) return (await step(request)).response;
    const again = request.clone();
    const sent = await step(request);
    const approval = await approvalOf(sent, approver);
    if (approval && 'noted' in approval) return approval.noted;
    if (!approval) {
      const needed = stepUp === 'never' ? undefined : await neededBy(sent);
      if (needed === undefined || !(await widenOnce(needed))) return sent.response;
    }
    await sent.response.body?.cancel();
    return (await step(again)).response;
  };
  return { fetch: send, widen: widenOnce };
}

/**
 * Asks about a denied call that a person can approve. Returns undefined if it offers nothing, or if
 * no one can be asked: a step-up may be possible then.
 */
async function approvalOf(
  { response, call, answer }: Sent,
  approver: SteppingOptions['approver'],
): Promise<{ readonly isApproved: true } | { readonly noted: Response } | undefined> {
  if (!approver || call === undefined || !isJson(response)) return undefined;
  if (!(await offersApproval(response))) return undefined;
  const isAnswered = answer?.state === 'pending' || answer?.state === 'refused';
  const approval = isAnswered ? answer : await approver.approve([call]);
  switch (approval.state) {
    case 'approved':
      return { isApproved: true };
    case 'pending':
    case 'refused':
      return { noted: await withApprovalNote(response, approval) };
    case 'unavailable':
      return undefined;
  }
}

/**
 * Returns what a denied call needs. A server that no gateway guards could name the grants of other
 * tools, so only those of the tool that was called count.
 */
async function neededBy({ response, call }: Sent): Promise<readonly Grant[] | undefined> {
  if (call === undefined || !isJson(response)) return undefined;
  const needed = await neededGrantsOf(response);
  return needed?.every(({ tool }) => tool === call.tool) ? needed : undefined;
}

/** A denial is never a stream of events. */
const isJson = ({ headers }: Response): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '');

async function isWanted(stepUp: StepUp, needed: readonly Grant[]): Promise<boolean> {
  if (typeof stepUp === 'function') return stepUp({ needed });
  if (typeof stepUp === 'string') return stepUp === 'policy';
  return needed.every((grant) => coversGrant(stepUp, grant));
}
