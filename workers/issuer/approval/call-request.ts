import type { AskedCall, CallQuestion } from '../../../src/approval/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import {
  argumentsDigest,
  type CheckedCall,
  callFacts,
  checkCall,
  uncoveredDataset,
  type VerifiedCapability,
} from '../../../src/capability/index.ts';
import {
  type Catalogue,
  type CatalogueTool,
  describeCall,
  sinkMarkAt,
} from '../../../src/catalogue/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';
import type { Refusal } from '../../../src/issuer-api/index.ts';
import { mayAsk } from '../../../src/labels/index.ts';
import { APPROVED_CALL_SECONDS_MAX } from '../../../src/limits.ts';
import { argumentOrigins } from '../../../src/provenance/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

/** A call as an agent names it. */
export interface RequestedCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** A question for single calls, and the digest of the arguments of each. */
export interface CallsToApprove {
  readonly question: CallQuestion;
  readonly digests: readonly string[];
}

type NotApprovable = Refusal<'invalid_request' | 'call_not_approvable'>;

/**
 * Makes the question of a request: by the token, the catalogue and the arguments themselves, and by
 * nothing that the agent says about them. Refuses a call that the approval of a person would not
 * allow, and one that needs none: no person is asked in vain.
 */
export async function questionOfCalls(
  token: VerifiedCapability,
  requested: readonly RequestedCall[],
  version: { readonly id: string; readonly catalogue: Catalogue },
  now: UnixMilliseconds,
): Promise<Result<CallsToApprove, NotApprovable>> {
  const calls: AskedCall[] = [];
  const digests: string[] = [];
  for (const [index, call] of requested.entries()) {
    const asked = await readAskedCall(token, call, version.catalogue, now);
    if (!asked.ok) return refuse(saying(asked.error, index));
    const digest = toHex(await argumentsDigest(call.args));
    // Verifiers take the first approval that fits, so the second of two alike could not be made.
    const same = calls.findIndex(({ tool }, n) => tool === call.tool && digests[n] === digest);
    if (same >= 0) {
      const message = `it is the same as call ${same + 1}: ask about it again after that one`;
      return refuse(saying({ code: 'invalid_request', message }, index));
    }
    calls.push(asked.value);
    digests.push(digest);
  }
  const { agent, subject, owner, audience, task, workflow } = token.authority;
  const { holder } = token;
  const parties = { agent, subject, owner, audience, task, workflow };
  const bound = holder === undefined ? {} : { holder };
  const validSeconds = APPROVED_CALL_SECONDS_MAX;
  const question = { ...parties, ...bound, version: version.id, calls, validSeconds };
  return ok({ question, digests });
}

const saying = ({ code, message }: NotApprovable, index: number): NotApprovable => ({
  code,
  message: `Call ${index + 1}: ${message}`,
});

async function readAskedCall(
  token: VerifiedCapability,
  { tool, args }: RequestedCall,
  catalogue: Catalogue,
  now: UnixMilliseconds,
): Promise<Result<AskedCall, NotApprovable>> {
  const described = describeCall(catalogue, tool, args);
  if (!described.ok) {
    return refuse({
      code: 'invalid_request',
      message: `the catalogue does not describe it (${described.error.code})`,
    });
  }
  const { tier: _, ...call } = described.value;
  const { holder } = token;
  const checked = await checkCall({ ...call, ...(holder !== undefined && { holder }) });
  if (!checked.ok) {
    return refuse({ code: 'invalid_request', message: `it is malformed (${checked.error.code})` });
  }
  const allows = (everywhere: readonly string[]): boolean => {
    const origins = argumentOrigins(checked.value.nodes, [], everywhere);
    const facts = callFacts(new Date(now), token.authority.audience, { ...checked.value, origins });
    const failed = token.failedChecks(facts);
    return failed.ok && failed.value.length === 0;
  };
  const isGranted = uncoveredDataset(token.authority.grants, checked.value) === undefined;
  if (!isGranted || !allows(['approved'])) return notApprovable('it would still be denied');
  const entry = catalogue.get(tool);
  if (allows([]) && !(entry && mayAsk(entry))) return notApprovable('it is allowed as it is');
  const { action, dataset } = checked.value;
  return ok({ tool, action, dataset, args, sinks: sinksIn(entry, checked.value) });
}

const notApprovable = (message: string) =>
  refuse({ code: 'call_not_approvable', message } as const);

/** Returns the pointers of the values in a call that say where something goes. */
function sinksIn(tool: CatalogueTool | undefined, { nodes }: CheckedCall): readonly string[] {
  const sink = (tool?.sinks ?? []).map((argument) => ({ argument }));
  return nodes
    .filter(({ type, pointer }) => type !== 'object' && type !== 'array' && pointer !== '')
    .flatMap(({ pointer }) => (sinkMarkAt({ sink }, pointer) ? [pointer] : []));
}
