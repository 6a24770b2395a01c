import * as v from 'valibot';
import { ACTIONS, argumentConstraintsSchema } from '../../capability/index.ts';
import type { Claims, PolicyInput, Principal } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/**
 * A token request as files and flags spell it. A principal is `issuer#subject`, with the issuer's
 * name as the configuration has it: `github#repo:acme/reports`.
 */
export interface WrittenRequest {
  readonly workload: string;
  readonly user?: string;
  /** Verified claims of each, as the issuer's configuration shows them to the policy. */
  readonly workload_claims?: Claims;
  readonly user_claims?: Claims;
  readonly task: string;
  readonly audience: string;
  /** RFC 3339. */
  readonly time: string;
  /** The agent asks for more than its workflow had. */
  readonly step_up?: true;
  readonly requests: PolicyInput['requests'];
}

export const principal = v.pipe(
  v.string(),
  v.regex(/^[^#]+#[\s\S]+$/, 'a principal is ISSUER#SUBJECT, such as local-idp#alice'),
);
export const time = v.pipe(v.string(), v.isoTimestamp('a time is RFC 3339: 2026-11-23T10:00:00Z'));
const name = v.pipe(v.string(), v.minLength(1));
const claim = v.union([v.string(), v.number(), v.boolean()]);
/** By name: a text, a number, a boolean, or a list of those. */
export const claims = v.record(name, v.union([claim, v.array(claim)]));
export const grantMembers = {
  tool: name,
  action: v.picklist(ACTIONS),
  dataset: name,
  constraints: v.exactOptional(argumentConstraintsSchema),
};

const written = v.strictObject({
  workload: principal,
  user: v.optional(principal),
  workload_claims: v.optional(claims),
  user_claims: v.optional(claims),
  task: name,
  audience: name,
  time,
  step_up: v.optional(v.literal(true)),
  requests: v.pipe(v.array(v.strictObject(grantMembers)), v.minLength(1)),
});

/** What is wrong is named by its place. */
export function readWritten(value: unknown): Result<PolicyInput, string> {
  const read = v.safeParse(written, value);
  if (!read.success) return refuse(firstIssue(read.issues));
  const { workload, user, time: at, step_up: stepUp, ...given } = read.output;
  const { workload_claims: ofWorkload, user_claims: ofUser, ...rest } = given;
  if (user === undefined && ofUser) return refuse('user_claims: there is no user');
  return ok({
    ...rest,
    workload: toPrincipal(workload, ofWorkload),
    ...(user !== undefined && { user: toPrincipal(user, ofUser) }),
    ...(stepUp && { stepUp }),
    now: new Date(at),
  });
}

export function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  if (issue === undefined) return 'it is not as it should be';
  const path = v.getDotPath(issue as Parameters<typeof v.getDotPath>[0]);
  return `${path ?? 'the whole'}: ${issue.message}`;
}

export function toPrincipal(text: string, claimed?: Claims): Principal {
  const at = text.indexOf('#');
  const principal = { issuerName: text.slice(0, at), subject: text.slice(at + 1) };
  return claimed ? { ...principal, claims: claimed } : principal;
}

export function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return refuse(`it is not JSON: ${(error as Error).message}`);
  }
}
