import { parse, TomlDate, TomlError } from 'smol-toml';
import * as v from 'valibot';
import type { PolicyInput } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { firstIssue, grantMembers, principal, time, toPrincipal } from './request.ts';

/** What a policy is held to: a request, and what shall become of it. */
export interface PolicyCase {
  readonly name: string;
  readonly input: PolicyInput;
  /** In the order of `input.requests`: `granted`, or the code of the refusal. */
  readonly verdicts: readonly string[];
  /** Absent: any. */
  readonly owner?: string;
  /** Seconds; absent: any. */
  readonly lifetime?: number;
}

const text = v.pipe(v.string(), v.minLength(1));
const moment = v.pipe(
  v.union([v.string(), v.instance(TomlDate)]),
  v.transform((value) => (typeof value === 'string' ? value : value.toISOString())),
  time,
);
const given = v.strictObject({
  workload: v.optional(principal),
  /** `false`: nobody is behind the workflow. */
  user: v.optional(v.union([principal, v.literal(false)])),
  task: v.optional(text),
  audience: v.optional(text),
  time: v.optional(moment),
});
const policyCase = v.strictObject({
  name: text,
  given: v.optional(given),
  granted: v.optional(v.array(v.strictObject(grantMembers))),
  refused: v.optional(
    v.array(v.strictObject({ ...grantMembers, code: v.pipe(v.string(), v.regex(/^[a-z_]+$/)) })),
  ),
  owner: v.optional(text),
  lifetime: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
const caseFile = v.strictObject({
  given: v.optional(given),
  case: v.pipe(v.array(policyCase), v.minLength(1)),
});

/** Reads a file of cases. What a case does not give itself, the file gives for all of them. */
export function readCases(source: string): Result<readonly PolicyCase[], string> {
  const parsed = parseToml(source);
  if (!parsed.ok) return parsed;
  const read = v.safeParse(caseFile, parsed.value);
  if (!read.success) return refuse(firstIssue(read.issues));
  const cases: PolicyCase[] = [];
  for (const one of read.output.case) {
    const settled = settle(one, { ...read.output.given, ...one.given });
    if (!settled.ok) return refuse(`the case "${one.name}": ${settled.error}`);
    cases.push(settled.value);
  }
  return ok(cases);
}

function settle(
  { name, granted = [], refused = [], owner, lifetime }: v.InferOutput<typeof policyCase>,
  { workload, user, task, audience, time: at }: v.InferOutput<typeof given>,
): Result<PolicyCase, string> {
  if (workload === undefined || task === undefined || audience === undefined || at === undefined) {
    return refuse('given lacks one of workload, task, audience and time');
  }
  const unwanted = refused.map(({ code: _, ...grant }) => grant);
  const requests = [...granted, ...unwanted];
  if (requests.length === 0) return refuse('it expects nothing, neither granted nor refused');
  return ok({
    name,
    input: {
      ...{ workload: toPrincipal(workload), task, audience, now: new Date(at), requests },
      ...(user !== undefined && user !== false && { user: toPrincipal(user) }),
    },
    verdicts: [...granted.map(() => 'granted'), ...refused.map(({ code }) => code)],
    ...(owner !== undefined && { owner }),
    ...(lifetime !== undefined && { lifetime }),
  });
}

function parseToml(source: string): Result<unknown, string> {
  try {
    return ok(parse(source));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = 'it is not TOML'] = error.message.split('\n');
    return refuse(`line ${error.line}: ${what}`);
  }
}
