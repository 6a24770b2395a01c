import * as v from 'valibot';
import { ACTIONS, argumentConstraintsSchema } from '../../capability/index.ts';
import type { Claims, PolicyInput, Principal } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/**
 * A token request as files and flags write it. A principal is `issuer#subject`, with the name that
 * the configuration gives to the identity issuer: `github#repo:acme/reports`.
 */
export interface WrittenRequest {
  readonly workload: string;
  readonly user?: string;
  /** The verified claims of each, which the issuer's configuration makes visible to the policy. */
  readonly workload_claims?: Claims;
  readonly user_claims?: Claims;
  readonly task: string;
  readonly audience: string;
  /** RFC 3339. */
  readonly time: string;
  /** The agent asks for more than its workflow has. */
  readonly step_up?: true;
  readonly requests: PolicyInput['requests'];
}

export const principal = v.pipe(
  v.string(),
  v.regex(/^[^#]+#[\s\S]+$/, 'a principal must be ISSUER#SUBJECT, such as local-idp#alice'),
);
export const time = v.pipe(
  v.string(),
  v.isoTimestamp('a time must be RFC 3339, such as 2026-11-23T10:00:00Z'),
);
const name = v.pipe(v.string(), v.minLength(1));
const claim = v.union([v.string(), v.number(), v.boolean()]);
/** Claims by name: a string, a number, a boolean, or a list of them. */
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

/** Checks a request. An error names the member that is wrong. */
export function readWritten(value: unknown): Result<PolicyInput, string> {
  const read = v.safeParse(written, value);
  if (!read.success) return refuse(firstIssue(read.issues));
  const { workload, user, time: at, step_up: stepUp, ...given } = read.output;
  const { workload_claims: ofWorkload, user_claims: ofUser, ...rest } = given;
  if (user === undefined && ofUser) return refuse('user_claims: the request has no user');
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
  if (issue === undefined) return 'malformed';
  const path = v.getDotPath(issue as Parameters<typeof v.getDotPath>[0]);
  return `${path ?? 'the file'}: ${issue.message}`;
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
    return refuse(`not JSON: ${(error as Error).message}`);
  }
}
