import { readClock } from '../../clock.ts';
import type { CallRefusal, Decision, Denial } from '../decision.ts';
import { deny } from '../evidence.ts';
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
  /** For the record. */
  readonly method: string;
}

export type Verdict =
  | { readonly decision: Decision; readonly close: OpenCall['close'] }
  | { readonly decision: Decision; readonly denial: Denial | CallRefusal };

/**
 * What an operator has stopped stays stopped, whatever the mode of a route. The codes of a recorder
 * are among them.
 */
const STOPS: readonly string[] = ['revoked', 'suspended', 'tool_denied', 'workflow_stopped'];

/** Decides a call, records the decision and, if the call is made, opens its record. */
export async function decide(
  records: DecisionRecorder | undefined,
  { opened, call, mode, method }: Judged,
): Promise<Verdict> {
  const isDescribed = 'action' in call;
  const verified = isDescribed
    ? await opened.verify(call)
    : deny(opened.denial ?? call.denial, { ...toolOf(call), ...opened.evidence });
  const decision = mode === 'observe' ? observe(verified, opened, call.tool) : verified;
  if (!decision.allowed) {
    records?.denied(decision, { method });
    return { decision, denial: decision.denial };
  }
  const { args = {} } = isDescribed ? call : {};
  const record = await records?.open(decision, { method, args });
  if (record && !record.ok && (mode === 'enforce' || STOPS.includes(record.error.code))) {
    return { decision, denial: record.error };
  }
  const startedAt = readClock();
  return {
    decision: record && !record.ok ? { ...decision, observed: record.error } : decision,
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
  const stop = STOPS.includes(denial.code) ? denial : opened.stopped(tool);
  return stop ? deny(stop, evidence) : { allowed: true, stale: false, evidence, observed: denial };
}

const toolOf = ({ tool }: { readonly tool?: string | undefined }) =>
  tool === undefined ? {} : { tool };
