import { parse, TomlDate, TomlError } from 'smol-toml';
import * as v from 'valibot';
import {
  type Budgets,
  type ConstraintsByPointer,
  parseBudgets,
  parseByPointer,
  smallestBudgets,
} from '../../capability/index.ts';
import type { PolicyInput } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { isComposed, replacedAt, uncomposedAt } from '../../source-text.ts';
import { type HistoryCase, historyCase, settleHistory } from './history-cases.ts';
import { claims, firstIssue, grantMembers, principal, time, toPrincipal } from './request.ts';

/** A test case of a policy: a request, and the decision that is expected. */
export interface PolicyCase {
  readonly name: string;
  readonly input: PolicyInput;
  /** In the order of `input.requests`. */
  readonly expected: readonly ExpectedGrant[];
  /** Absent: any owner. */
  readonly owner?: string;
  /** Seconds. Absent: any lifetime. */
  readonly lifetime?: number;
  /** Absent: any tier. */
  readonly tier?: number;
  readonly budgets?: Budgets;
}

export interface ExpectedGrant {
  /** `granted`, or the code of the refusal. */
  readonly verdict: string;
  /** The sinks that the grant leaves open, sorted. A case that does not list any expects none. */
  readonly open: readonly string[];
  /** The constraints of the grant. Absent: any. */
  readonly constrained?: ConstraintsByPointer;
  /** Whether a person must approve it. */
  readonly approval: boolean;
}

const text = v.pipe(v.string(), v.minLength(1));
const moment = v.pipe(
  v.union([v.string(), v.instance(TomlDate)]),
  v.transform((value) => (typeof value === 'string' ? value : value.toISOString())),
  time,
);
const given = v.strictObject({
  workload: v.optional(principal),
  /** `false`: the workflow has no user. */
  user: v.optional(v.union([principal, v.literal(false)])),
  workload_claims: v.optional(claims),
  user_claims: v.optional(claims),
  task: v.optional(text),
  audience: v.optional(text),
  time: v.optional(moment),
  step_up: v.optional(v.literal(true)),
});
/** A value that has a parser of its own. */
const read = <T>(parse: (input: unknown) => Result<T, { readonly why: string }>) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const parsed = parse(dataset.value);
      if (parsed.ok) return parsed.value;
      addIssue({ message: parsed.error.why });
      return NEVER;
    }),
  );

const policyCase = v.strictObject({
  name: text,
  given: v.optional(given),
  granted: v.optional(
    v.array(
      v.strictObject({
        ...grantMembers,
        open: v.optional(v.array(v.string())),
        constrained: v.exactOptional(read(parseByPointer)),
        approval: v.optional(v.boolean()),
      }),
    ),
  ),
  refused: v.optional(
    v.array(v.strictObject({ ...grantMembers, code: v.pipe(v.string(), v.regex(/^[a-z_]+$/)) })),
  ),
  owner: v.optional(text),
  lifetime: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  tier: v.optional(v.picklist([0, 1, 2, 3])),
  budgets: v.exactOptional(read(parseBudgets)),
});
const caseFile = v.strictObject({
  given: v.optional(given),
  case: v.optional(v.array(policyCase), []),
  history: v.optional(v.array(historyCase), []),
});

/** What a file of cases states. */
export interface CaseFile {
  /** Requests, and what the policy decides. */
  readonly cases: readonly PolicyCase[];
  /** Calls, and what the rules over history decide. */
  readonly history: readonly HistoryCase[];
}

/** Reads the requests of a file of cases. */
export function readCases(source: string): Result<readonly PolicyCase[], string> {
  const read = readCaseFile(source);
  return read.ok ? ok(read.value.cases) : read;
}

/** Reads a file of cases. The file's `given` applies to each case that does not override it. */
export function readCaseFile(source: string): Result<CaseFile, string> {
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
  const history = settleHistory(read.output.history);
  if (!history.ok) return history;
  if (cases.length + history.value.length === 0) {
    return refuse('the file: it needs at least one [[case]] or [[history]]');
  }
  return ok({ cases, history: history.value });
}

function settle(
  { name, granted = [], refused = [], ...whole }: v.InferOutput<typeof policyCase>,
  asked: v.InferOutput<typeof given>,
): Result<PolicyCase, string> {
  const { workload, user, task, audience, time: at, step_up: stepUp } = asked;
  const { workload_claims: ofWorkload, user_claims: ofUser } = asked;
  if (workload === undefined || task === undefined || audience === undefined || at === undefined) {
    return refuse('given needs workload, task, audience and time');
  }
  const unwanted = refused.map(({ code: _, ...grant }) => grant);
  const wanted = granted.map(
    ({ open: _open, constrained: _, approval: _approval, ...grant }) => grant,
  );
  const requests = [...wanted, ...unwanted];
  if (requests.length === 0) return refuse('it needs at least one of granted and refused');
  return ok({
    name,
    input: {
      workload: toPrincipal(workload, ofWorkload),
      task,
      audience,
      now: new Date(at),
      requests,
      ...(user !== undefined && user !== false && { user: toPrincipal(user, ofUser) }),
      ...(stepUp && { stepUp }),
    },
    expected: [
      ...granted.map(({ open = [], constrained, approval = false }) => ({
        verdict: 'granted',
        open: [...open].sort(),
        approval,
        ...(constrained && { constrained }),
      })),
      ...refused.map(({ code }) => ({ verdict: code, open: [], approval: false })),
    ],
    ...stated(whole),
  });
}

/** The expectations for the decision as a whole that a case states. */
function stated({
  owner,
  lifetime,
  tier,
  budgets,
}: Pick<v.InferOutput<typeof policyCase>, 'owner' | 'lifetime' | 'tier' | 'budgets'>) {
  return {
    ...(owner !== undefined && { owner }),
    ...(lifetime !== undefined && { lifetime }),
    ...(tier !== undefined && { tier }),
    ...(budgets !== undefined && { budgets: smallestBudgets([budgets]) }),
  };
}

function parseToml(source: string): Result<unknown, string> {
  const replaced = replacedAt(source);
  if (replaced) return refuse(`line ${replaced.line}: ${replaced.why}`);
  try {
    const table: unknown = parse(source);
    const { line, why } = uncomposedAt(source);
    return isComposed(JSON.stringify(table)) ? ok(table) : refuse(`line ${line}: ${why}`);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = 'not TOML'] = error.message.split('\n');
    return refuse(`line ${error.line}: ${what}`);
  }
}
