/** Policy files: a changed file is loaded or refused with a reason, and decides within limits. */
import { readdirSync, readFileSync } from 'node:fs';
import { checkGrant, type Grant } from '../../../src/capability/index.ts';
import { CAPABILITY_SECONDS_MAX } from '../../../src/limits.ts';
import {
  loadPolicy,
  type Policy,
  type PolicyError,
  type PolicyFile,
  type PolicyInput,
  type RefusalReason,
} from '../../../src/policy/index.ts';
import { projectCatalogue } from '../../unit/fixtures/catalogue.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateText } from './text.ts';

const FOLDER = 'policy';
const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.datalog'))
  .map((name) => ({ name, source: readFileSync(`${FOLDER}/${name}`, 'utf8') }));

export const CATALOGUE = projectCatalogue();

const NOW = new Date('2026-11-23T10:00:00Z');
const READING: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports/q3',
};
const INPUT: PolicyInput = {
  workload: { issuerName: 'local-idp', subject: 'report-agent' },
  user: { issuerName: 'local-idp', subject: 'alice' },
  task: 'quarterly',
  audience: 'https://gateway.example',
  now: NOW,
  requests: [READING],
};

export type DecisionOutcome = 'granted' | RefusalReason['code'];

/** A grant may have more constraints than were requested. Otherwise it is the same. */
const isFor = (granted: Grant, asked: Grant): boolean =>
  granted.tool === asked.tool &&
  granted.action === asked.action &&
  granted.dataset === asked.dataset;

/**
 * Checks a decision: each request appears once, granted with an owner and a lifetime, or refused.
 */
export function claimDecision(policy: Policy, input: PolicyInput): readonly DecisionOutcome[] {
  const decision = policy.decide(input);
  const { granted, refused, owner, lifetimeSeconds } = decision;
  claim(granted.length + refused.length === input.requests.length, 'a request is lost', decision);
  if (granted.length > 0) {
    claim(owner !== undefined && owner !== '', 'a grant has no owner', decision);
    claim(
      lifetimeSeconds >= 1 && lifetimeSeconds <= CAPABILITY_SECONDS_MAX,
      'the lifetime is out of range',
      decision,
    );
  }
  for (const { grant } of granted) {
    claim(checkGrant(grant).ok, 'a grant has an invalid name', grant);
    claim(
      input.requests.some((asked) => isFor(grant, asked)),
      'more is granted than was requested',
      grant,
    );
    claim(
      input.user !== undefined || decision.unattended,
      'a workflow without a user is granted, although the policy does not allow it',
      decision,
    );
  }
  const explained = policy.explain(input);
  for (const [index, { decided }] of explained.entries()) {
    const asked = input.requests[index];
    const isGranted = granted.some(({ grant }) => asked && isFor(grant, asked));
    // Grants with two owners are refused together, although each alone is granted.
    const isUnowned = refused.some(
      ({ code }) => code === 'owner_invalid' || code === 'constraints_conflict',
    );
    claim(decided.granted === isGranted || isUnowned, 'decide and explain disagree', explained);
  }
  return [
    ...granted.map((): DecisionOutcome => 'granted'),
    ...refused.map(({ code }): DecisionOutcome => code),
  ];
}

/** Valid and invalid inputs of a decision. */
const TERMS: readonly [string, ...string[]] = [
  ...(['tier(3)', 'tier(4)', 'tier("high")', 'approval(true)', 'approval("yes")'] as const),
  ...['max_calls(10)', 'max_calls(-1)', 'max_calls("x")', 'max_tool_calls("bank.send", 2)'],
  ...['max_tool_calls(7, 2)', 'max_sum("bank.send", "/amount", 1)', 'max_sum("a", "b", 0)'],
  ...['max_denials(3)', 'max_wall_seconds(0)', 'max_delegation_depth(99)'],
];

/** Removes, repeats, moves or joins statements, or changes the text at random. */
function mutateSource(random: Random, source: string): string {
  if (random.chance(0.25)) return mutateText(random, source);
  const statements = source.replaceAll(/^\/\/.*$/gm, '').split(';');
  const at = random.below(statements.length);
  const statement = statements[at] ?? '';
  const others: readonly [string, ...string[]] = [
    ...([mutateText(random, statement), '', '', '', `${statement};${statement}`] as const),
    statement.replace(
      'allow if',
      random.pick(['deny if', 'check if', 'reject if', 'allow if true,']),
    ),
    statement.replace(/\$\w+/, '$other'),
    `${statement};owner("team:other")`,
    `${statement};max_lifetime(${random.pick(['0', '-1', '"x"', '99999999', 'true'])})`,
    `${statement};${random.pick(TERMS)}`,
    `${statement};require_holder(${random.pick(['true', 'false', '"yes"'])})`,
    `${statement};check if task($t), $t.matches("${mutateText(random, '[a-z]+')}")`,
  ];
  return statements.map((each, i) => (i === at ? random.pick(others) : each)).join(';');
}

/** A rule with an unknown fact never matches: as a `deny if` it would deny nothing. */
function misspelt(random: Random): readonly PolicyFile[] {
  const fact = random.pick(['under(', 'user(', 'report_agent(']);
  return FILES.map(({ name, source }) => ({
    name,
    source: source.replace(`\n  ${fact}`, `\n  x${fact}`),
  }));
}

const outcomes: Record<DecisionOutcome | PolicyError['code'], Reached> = {
  policy_missing: 'rare',
  policy_too_large: 'seen',
  policy_invalid: 'seen',
  granted: 'seen',
  no_rule: 'seen',
  denied: 'rare',
  check_failed: 'seen',
  owner_missing: 'rare',
  owner_invalid: 'seen',
  lifetime_missing: 'rare',
  lifetime_invalid: 'seen',
  tier_invalid: 'seen',
  approval_invalid: 'seen',
  budget_invalid: 'seen',
  policy_failed: 'rare',
  over_limit: 'rare',
  constraints_invalid: 'rare',
  constraints_unmet: 'rare',
  constraints_conflict: 'rare',
  sink_open: 'rare',
  requirement_invalid: 'rare',
  open_sink_invalid: 'rare',
  user_missing: 'rare',
  grant_invalid: 'rare',
  input_invalid: 'rare',
  requests_count: 'rare',
};

export const policyFiles: ParserCampaign = {
  name: 'policy',
  outcomes,
  cases: 2_000,
  attempt: (random) => {
    if (random.chance(0.05)) {
      const files = misspelt(random);
      const loaded = loadPolicy(files, CATALOGUE);
      claim(!loaded.ok, 'a policy with an unknown fact is accepted', files);
      return loaded.error.code;
    }
    const changed = FILES.map(({ name, source }) => ({
      name,
      source: random.chance(0.9) ? mutateSource(random, source) : source,
    }));
    const grown = { name: 'more.datalog', source: `// ${'x'.repeat(64 * 1024)}` };
    const loaded = loadPolicy(random.chance(0.02) ? [...changed, grown] : changed, CATALOGUE);
    if (!loaded.ok) {
      const { error } = loaded;
      if (error.code === 'policy_invalid') {
        const file = [...changed, grown].find(({ name }) => name === error.file);
        const lines = file?.source.split('\n').length ?? 0;
        claim(
          error.line >= 1 && error.line <= lines,
          'the error names a line that does not exist',
          error,
        );
        claim(
          error.why.length <= 200 + (file?.source.length ?? 0),
          'the reason has unbounded length',
          error,
        );
      }
      return error.code;
    }
    return claimDecision(loaded.value, INPUT)[0] ?? 'no_rule';
  },
};
