/**
 * The cost of one evaluation of a policy, for any request and any policy. It is bounded by counts,
 * like that of a token: beyond a limit the request is refused, and below all limits it is decided.
 */
import { readFileSync } from 'node:fs';
import { decide, loadWorld } from '../../../src/biscuit/datalog/index.ts';
import { DEFAULT_LIMITS, fact, parseAuthorizer, string } from '../../../src/biscuit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { loadPolicy, type PolicyInput } from '../../../src/policy/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { CATALOGUE, claimDecision, type DecisionOutcome } from './policy.ts';
import { somePiece } from './text.ts';

const OURS = readFileSync('policy/reports.datalog', 'utf8');

/** How far one step can exceed a limit before it is counted. */
const OVERSHOOT = 1.1;

const relation = (name: string, size: number): string =>
  Array.from({ length: size }, (_, i) => `${name}(${i}, ${(i * 7) % size});\n`).join('');

/** Policies that a person could write, whose cost explodes with the size of the request. */
const EXPENSIVE: readonly [(size: number) => string, ...((size: number) => string)[]] = [
  (size) => `${relation('r', size)}allow if r($a, $b), r($c, $d), r($e, $f), $a + $c + $e < 0;`,
  (size) => `${relation('r', size)}r($a, $c) <- r($a, $b), r($b, $c);\nallow if r(0, -1);`,
  (size) => `n(0);\nm($i) <- n($i), $i < ${size};\nallow if m(-1);`,
  (size) => `allow if task($t), $t.matches("(a|b|ab){1,${size}}c");`,
  (size) => `allow if task($t), ${'$t + '.repeat(size)}"" == "x";`,
  (size) => `allow if under($a), under($b), under($c), under($d), $a + $b + $c + $d == "${size}";`,
  (size) =>
    `allow if ${Array.from({ length: Math.min(size, 20) }, (_, i) => `under($x${i})`).join(', ')};`,
];

const longest = (random: Random, bytes: number): string => {
  const unit = random.pick(['a', 'ab/', 'é', '\u{1f600}', '"', '\\', somePiece(random) || 'x']);
  let text = '';
  while (Buffer.byteLength(text + unit) <= bytes) text += unit;
  return text;
};

const dataset = (random: Random): string =>
  random.chance(0.5)
    ? `files/reports/${Array(random.below(30)).fill('d').join('/')}x`
    : `files/${'é'.repeat(random.below(250))}x`;

/** A request at the limits of every text, with the maximum number of grants. */
function hostileInput(random: Random): PolicyInput {
  const grants = random.list(
    1,
    random.pick([1, 32, 33, 140]),
    (): Grant => ({
      tool: random.chance(0.6) ? 'mcp/files/read_text_file' : longest(random, 128),
      action: random.pick(['read', 'write', 'delete', 'execute']),
      dataset: random.chance(0.9) ? dataset(random) : longest(random, 512),
    }),
  );
  const subject = random.chance(0.7) ? 'report-agent' : longest(random, 2_048);
  return {
    workload: { issuerName: 'local-idp', subject },
    ...(random.chance(0.8) && {
      user: { issuerName: 'local-idp', subject: longest(random, 2_048) },
    }),
    task: random.chance(0.5) ? 'ab'.repeat(128) : longest(random, random.pick([256, 257])),
    audience: random.chance(0.9) ? 'https://gateway.example' : longest(random, 512),
    now: new Date(random.pick([0, 8.64e15, Number.NaN, Date.UTC(2026, 10, 23)])),
    requests: grants,
  };
}

/** Whether the facts of a request are within their limits, checked independently. */
const isFit = ({ workload, user, task, audience, now }: PolicyInput): boolean =>
  [
    [workload.subject, 2_048] as const,
    [user?.subject ?? '-', 2_048] as const,
    [task, 256] as const,
    [audience, 512] as const,
  ].every(
    ([text, most]) => text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= most,
  ) && Number.isFinite(now.getTime());

/** Runs the same statements where the engine reports the steps it has spent. */
function claimBounded(source: string, task: string): void {
  const authorizer = parseAuthorizer(source);
  claim(authorizer.ok, 'the expensive policy is refused', source.slice(0, 300));
  const facts = ['files', 'files/a', 'files/a/b', 'files/a/b/c'].map((at) =>
    fact('under', string(at)),
  );
  const stated = {
    ...authorizer.value,
    facts: [...authorizer.value.facts, ...facts, fact('task', string(task))],
  };
  const world = loadWorld({ blocks: [], authorizer: stated });
  if (!world.ok) return;
  decide(world.value);
  const { joinSteps, expressionSteps, stringUnits, regexSteps } = world.value.run;
  for (const [limit, steps] of [
    ['joinStepsMax', joinSteps],
    ['expressionStepsMax', expressionSteps],
    ['stringUnitsMax', stringUnits],
    ['regexStepsMax', regexSteps],
  ] as const) {
    claim(steps <= DEFAULT_LIMITS[limit] * OVERSHOOT, 'the evaluation exceeds the limit', {
      limit,
      steps,
      source,
    });
  }
}

const outcomes: Partial<Record<DecisionOutcome, Reached>> = {
  granted: 'seen',
  no_rule: 'seen',
  user_missing: 'rare',
  grant_invalid: 'seen',
  input_invalid: 'seen',
  requests_count: 'seen',
  over_limit: 'seen',
  policy_failed: 'rare',
  owner_invalid: 'rare',
  sink_open: 'rare',
  constraints_conflict: 'rare',
  constraints_unmet: 'rare',
};

export const policyWork: ParserCampaign = {
  name: 'policy-work',
  outcomes: outcomes as Record<string, Reached>,
  cases: 150,
  attempt: (random) => {
    const input = hostileInput(random);
    const ours = loadPolicy([{ name: 'reports.datalog', source: OURS }], CATALOGUE);
    claim(ours.ok, 'our policy is refused');
    const decided = claimDecision(ours.value, input);
    if (!isFit(input)) {
      const refusals = ['input_invalid', 'requests_count'];
      claim(
        decided.every((code) => refusals.includes(code)),
        'an input beyond the limits is decided',
        input,
      );
    }
    // For every request, our own policy is far below its limits.
    claim(!decided.includes('over_limit'), 'a request exceeds the limits of our policy', input);
    claim(!decided.includes('policy_failed'), 'a request makes our policy fail', input);
    if (random.chance(0.6)) return random.pick(decided as [DecisionOutcome, ...DecisionOutcome[]]);
    const source = random.pick(EXPENSIVE)(random.pick([1, 2, 5, 20, 60, 300]));
    claimBounded(source, input.task);
    const loaded = loadPolicy(
      [{ name: 'a', source: `owner("t");\nmax_lifetime(60);\n${source}` }],
      CATALOGUE,
    );
    if (!loaded.ok) return 'no_rule';
    const requests = input.requests.slice(0, 2);
    return random.pick(
      claimDecision(loaded.value, { ...input, requests }) as [
        DecisionOutcome,
        ...DecisionOutcome[],
      ],
    );
  },
};
