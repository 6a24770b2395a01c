import { readClock } from '../../clock.ts';
import { isOperatorStop } from '../../denials/index.ts';
import type { CallRefusal, Decision, Denial } from '../decision.ts';
import { deny } from '../evidence.ts';
import type { RetrievalScope } from '../scope/index.ts';
import type { OpenedToken } from '../verifier.ts';
import type { VerifyRequest } from '../verify-request.ts';
import type { OpenCall } from './protection.ts';
import type { DecisionRecorder } from './recorder.ts';
import type { RouteMode } from './route.ts';

/** A request whose token was opened. */
export interface Judged {
  readonly opened: OpenedToken;
  /** The call; a denial if it could not be described. */
  readonly call: VerifyRequest | { readonly denial: Denial; readonly tool?: string };
  readonly mode: RouteMode;
  /** Whether the call is a retrieval, which gets a scope. */
  readonly scoped?: boolean | undefined;
  /** For the record. */
  readonly method: string;
}

export type Verdict =
  | {
      readonly decision: Decision;
      readonly close: OpenCall['close'];
      readonly scope?: RetrievalScope | undefined;
    }
  | { readonly decision: Decision; readonly denial: Denial | CallRefusal };

/** Decides a call, records the decision and, if the call is made, opens its record. */
export async function decide(
  records: DecisionRecorder | undefined,
  { opened, call, mode, scoped, method }: Judged,
): Promise<Verdict> {
  const isDescribed = 'action' in call;
  const retrieved = isDescribed && scoped ? await opened.scope(call) : undefined;
  const verified =
    retrieved?.decision ??
    (isDescribed
      ? await opened.verify(call)
      : deny(opened.denial ?? call.denial, { ...toolOf(call), ...opened.evidence }));
  const decision = mode === 'observe' ? observe(verified, opened, call.tool) : verified;
  const facts = { method, ...(mode === 'observe' && { mode }) };
  const { args = {} } = isDescribed ? call : {};
  if (!decision.allowed) {
    // Of a call that could not be described, nothing is known to be its arguments.
    records?.denied(decision, { ...facts, ...(isDescribed && { args }) });
    return { decision, denial: decision.denial };
  }
  const record = await records?.open(decision, { ...facts, args });
  if (record && !record.ok && (mode === 'enforce' || isOperatorStop(record.error.code))) {
    return { decision, denial: record.error };
  }
  const startedAt = readClock();
  const observed = record && (record.ok ? record.value.observed : record.error);
  return {
    decision: observed ? { ...decision, observed } : decision,
    ...(retrieved?.scope && { scope: retrieved.scope }),
    close: ({ status, threw = false }) => {
      if (!record?.ok) return;
      const milliseconds = Math.max(0, readClock() - startedAt);
      record.value.close({ status, milliseconds, threw });
    },
  };
}

/**
 * Turns a denial into an allowed decision that says so, unless an operator has stopped the call.
 */
function observe(decision: Decision, opened: OpenedToken, tool: string | undefined): Decision {
  if (decision.allowed) return decision;
  const { denial, evidence } = decision;
  // Asked again: whatever else denies the call, such as a missing proof, must not hide a stop.
  const stop = isOperatorStop(denial.code) ? denial : opened.stopped(tool);
  return stop ? deny(stop, evidence) : { allowed: true, stale: false, evidence, observed: denial };
}

const toolOf = ({ tool }: { readonly tool?: string | undefined }) =>
  tool === undefined ? {} : { tool };
