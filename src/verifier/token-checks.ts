import {
  type CheckedCall,
  callFacts,
  type FailedCheck,
  uncoveredDataset,
  type VerifiedCapability,
} from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { Denial } from './decision.ts';

/** What a verifier adds to the facts of every call. */
interface Surroundings {
  readonly audience: string;
  readonly now: Clock;
}

/** Returns why the token does not allow the call; undefined if it does. */
export function denialOfCall(
  surroundings: Surroundings,
  token: VerifiedCapability,
  call: CheckedCall,
): Denial | undefined {
  const facts = callFacts(new Date(surroundings.now()), surroundings.audience, call);
  const failed = token.failedChecks(facts);
  if (!failed.ok) return failed.error;
  const denials = failed.value.map((check) => denialOf(check, call));
  const expired = denials.find(({ code }) => code === 'expired');
  if (expired) return expired;
  const dataset = uncoveredDataset(token.authority.grants, call);
  if (dataset !== undefined) {
    return { code: 'no_grant', tool: call.tool, action: call.action, dataset };
  }
  return denials[0];
}

/**
 * Returns the denial of the first failed check that reads only the facts named in `known`. A check
 * that reads others as well is undecided until the whole call is there.
 */
export function denialOfKnownFacts(
  { now, audience }: Surroundings,
  token: VerifiedCapability,
  call: Partial<CheckedCall> | undefined,
  known: readonly string[],
): Denial | undefined {
  const failed = token.failedChecks(callFacts(new Date(now()), audience, call));
  if (!failed.ok) return failed.error;
  const first = failed.value.find(({ facts }) => facts.every((fact) => known.includes(fact)));
  return first && denialOf(first, call);
}

/** Returns the denial of a check that failed. */
export function denialOf(failed: FailedCheck, call: Partial<CheckedCall> | undefined): Denial {
  const { block, check, source, facts, argument } = failed;
  const [fact = 'none'] = facts;
  if (facts.length === 1 && fact === 'time') return { code: 'expired', block, source };
  const pointer = argument && pointerOf(argument, call?.nodes ?? []);
  if (block > 0) {
    const named = pointer === undefined ? {} : { pointer };
    return { code: 'caveat_failed', fact, block, check, source, ...named };
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

/** Returns the argument at fault: in a closed object, the first member that it may not have. */
function pointerOf(
  { pointer, members }: NonNullable<FailedCheck['argument']>,
  nodes: CheckedCall['nodes'],
): string {
  const object = members && nodes.find((node) => node.pointer === pointer);
  return object?.members?.find((member) => !members?.has(member)) ?? pointer;
}
