import { canonicalJson, type Json } from '../../canonical-json.ts';
import type { Policy } from '../../policy/index.ts';
import { type Command, NO, readFlags, type Surroundings, showJson, YES } from '../command.ts';
import { type ExpectedGrant, type PolicyCase, readCases } from './cases.ts';
import { CATALOGUE, listFiles, POLICY_FOLDER, readPolicy, readText } from './files.ts';
import {
  type Decided,
  decideInOrder,
  type Outcome,
  showGrant,
  showOutcome,
  showVerdict,
} from './outcome.ts';

const CASES_FOLDER = `${POLICY_FOLDER}/cases`;

const HELP = `hewn policy test [FILES...] [--policy PATH]... [--catalogue FILE] [--json]

Holds the policy to cases: requests, and what shall become of them. FILES are TOML files of cases
or folders of them (${CASES_FOLDER}); PATH is a policy file or a folder of them (${POLICY_FOLDER});
the catalogue says what the tools are (${CATALOGUE}).
The format is in docs/policy.md.

  hewn policy test
  hewn policy test ${CASES_FOLDER}/reports.toml --policy ${POLICY_FOLDER}/reports.datalog
  hewn policy test --json

Exit code: 0 all passed, 1 a case failed, 2 a file cannot be read.`;

/** Something that a case expects and the policy decides otherwise. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly decided: string;
}

export interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly decided: Decided;
  /** Empty: passed. */
  readonly differences: readonly Difference[];
}

export const policyTest: Command = {
  name: 'policy test',
  summary: 'hold the policy to cases',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, {
      policy: { type: 'string', multiple: true },
      catalogue: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const policy = await readPolicy(at, values.policy ?? [POLICY_FOLDER], values.catalogue);
    if (!policy.ok) return policy;
    const paths = positionals.length > 0 ? positionals : [CASES_FOLDER];
    const files = await listFiles(at, paths, '.toml');
    if (!files.ok) return files;
    const results: CaseResult[] = [];
    for (const file of files.value) {
      const source = await readText(at, file);
      if (!source.ok) return source;
      const cases = readCases(source.value);
      if (!cases.ok) return { ok: false, error: `${file}: ${cases.error}` };
      results.push(...cases.value.map((one) => runCase(policy.value, file, one)));
    }
    print(at, results, values.json === true);
    return results.every(({ differences }) => differences.length === 0) ? YES : NO;
  },
};

export function runCase(policy: Policy, file: string, one: PolicyCase): CaseResult {
  const decided = decideInOrder(policy, one.input);
  const differences: Difference[] = [];
  for (const [index, outcome] of decided.outcomes.entries()) {
    const expected = one.expected[index];
    if (expected) differences.push(...differencesOf(outcome, expected));
  }
  const { owner = 'none', lifetimeSeconds, tier, budgets } = decided;
  const whole: readonly (readonly [string, string | undefined, string])[] = [
    ['owner', one.owner, owner],
    [
      'lifetime',
      one.lifetime === undefined ? undefined : `${one.lifetime} s`,
      `${lifetimeSeconds} s`,
    ],
    ['tier', one.tier?.toString(), String(tier)],
    ['budgets', one.budgets && JSON.stringify(one.budgets), JSON.stringify(budgets)],
  ];
  for (const [what, expected, got] of whole) {
    if (expected !== undefined && expected !== got) {
      differences.push({ what, expected, decided: got });
    }
  }
  return { file, name: one.name, decided, differences };
}

function differencesOf(outcome: Outcome, expected: ExpectedGrant): readonly Difference[] {
  const { verdict, grant, openSinks = [], approvalRequired = false, constraints = {} } = outcome;
  const what = showGrant(grant);
  if (expected.verdict !== verdict) {
    const shown = expected.verdict === 'granted' ? 'granted' : `refused (${expected.verdict})`;
    return [{ what, expected: shown, decided: showVerdict(verdict) }];
  }
  const open = openSinks.map(({ pointer }) => pointer).sort();
  const kept = (one: object | undefined) => one && canonicalJson(one as Json);
  const parts: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['open', JSON.stringify(expected.open), JSON.stringify(open)],
    ['approval', String(expected.approval), String(approvalRequired)],
    ['constrained', kept(expected.constrained), kept(constraints)],
  ];
  return parts.flatMap(([part, wanted, got]) =>
    wanted === undefined || wanted === got
      ? []
      : [{ what: `${what}, ${part}`, expected: wanted, decided: got ?? 'none' }],
  );
}

function print(at: Surroundings, results: readonly CaseResult[], asJson: boolean): void {
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  const passed = results.length - failed;
  if (asJson) {
    at.out(showJson({ passed, failed, cases: results }));
    return;
  }
  for (const { file, name, decided, differences } of results) {
    at.out(`${differences.length === 0 ? 'ok  ' : 'FAIL'}  ${name}  (${file})`);
    for (const outcome of decided.outcomes) at.out(`        ${showOutcome(outcome)}`);
    for (const { what, expected, decided: got } of differences) {
      at.out(`      - ${what}: ${expected}`);
      at.out(`      + ${what}: ${got}`);
    }
  }
  at.out(`${passed} passed, ${failed} failed`);
}
