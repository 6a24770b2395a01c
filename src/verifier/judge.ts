import {
  type CheckedCall,
  callFacts,
  type FailedCheck,
  uncoveredDataset,
  type VerifiedCapability,
} from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { Denial } from './decision.ts';

/** What every call is judged at. */
interface Place {
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: Clock;
}

/** Why the token does not allow the call, or undefined where it does. */
export function judge(
  context: Place,
  token: VerifiedCapability,
  call: CheckedCall,
): Denial | undefined {
  const facts = callFacts(new Date(context.now()), context.audience, call);
  const failed = token.failedChecks(facts);
  if (!failed.ok) return failed.error;
  const denials = failed.value.map((one) => denialOf(one, call));
  const expired = denials.find(({ code }) => code === 'expired');
  if (expired) return expired;
  const dataset = uncoveredDataset(token.authority.grants, call);
  if (dataset !== undefined) {
    return { code: 'no_grant', tool: call.tool, action: call.action, dataset };
  }
  return denials[0];
}

/**
 * The first failed check that reads no other facts than `known`. With only some of a call's facts
 * at hand, a check that also reads others is undecided, and stays so until the call comes.
 */
export function failedOver(
  context: Place,
  token: VerifiedCapability,
  call: Partial<CheckedCall> | undefined,
  known: readonly string[],
): Denial | undefined {
  const failed = token.failedChecks(callFacts(new Date(context.now()), context.audience, call));
  if (!failed.ok) return failed.error;
  const first = failed.value.find(({ facts }) => facts.every((fact) => known.includes(fact)));
  return first && denialOf(first, call);
}

function denialOf(failed: FailedCheck, call: Partial<CheckedCall> | undefined): Denial {
  const { block, check, source, facts, argument } = failed;
  const [fact = 'none'] = facts;
  if (facts.length === 1 && fact === 'time') return { code: 'expired', block, source };
  const pointer = argument && pointerOf(argument, call?.nodes ?? []);
  if (block > 0) {
    const at = pointer === undefined ? {} : { pointer };
    return { code: 'caveat_failed', fact, block, check, source, ...at };
  }
  return {
    code: 'constraint_failed',
    tool: call?.tool ?? '',
    pointer: pointer ?? '',
    block: 0,
    check,
    source: argument?.source ?? source,
  };
}

/** The argument that is at fault: of a closed object, the first member that it may not have. */
function pointerOf(
  { pointer, members }: NonNullable<FailedCheck['argument']>,
  nodes: CheckedCall['nodes'],
): string {
  const object = members && nodes.find((node) => node.pointer === pointer);
  return object?.members?.find((member) => !members?.has(member)) ?? pointer;
}
