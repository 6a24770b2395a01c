import { canonicalJson, type Json } from '../../canonical-json.ts';
import {
  datasetFault,
  issuerFault,
  type KnownNames,
  likely,
  type Policy,
  toolFault,
} from '../../policy/index.ts';
import { refuse } from '../../result.ts';
import { type Command, NO, readFlags, type Surroundings, showJson, YES } from '../command.ts';
import { type ExpectedGrant, type PolicyCase, readCases } from './cases.ts';
import {
  CATALOGUE,
  listFiles,
  POLICY_FOLDER,
  readCatalogue,
  readPolicy,
  readText,
} from './files.ts';
import {
  type Decided,
  decideInOrder,
  type Outcome,
  showGrant,
  showOutcome,
  showVerdict,
} from './outcome.ts';

const CASES_FOLDER = `${POLICY_FOLDER}/cases`;

const HELP = `hewn policy test [FILES...] [--policy PATH]... [--catalogue FILE] [--issuer NAME]...
  [--json]

Holds the policy to cases: requests, and what shall become of them. FILES are TOML files of cases
or folders of them (${CASES_FOLDER}); PATH is a policy file or a folder of them (${POLICY_FOLDER});
the catalogue says what the tools are (${CATALOGUE}). With --issuer, the names of the identity
issuers in IDENTITY_ISSUERS, names of issuers are held to those.
The format is in docs/reference/policy.md.

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
      issuer: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const { issuer: issuers } = values;
    const paths = values.policy ?? [POLICY_FOLDER];
    const policy = await readPolicy(at, paths, values.catalogue, { issuers });
    if (!policy.ok) return policy;
    const catalogue = await readCatalogue(at, values.catalogue ?? CATALOGUE);
    if (!catalogue.ok) return catalogue;
    const known = { catalogue: catalogue.value, issuers };
    const places = positionals.length > 0 ? positionals : [CASES_FOLDER];
    const files = await listFiles(at, places, '.toml');
    if (!files.ok) return files;
    const results: CaseResult[] = [];
    for (const file of files.value) {
      const source = await readText(at, file);
      if (!source.ok) return source;
      const cases = readCases(source.value);
      if (!cases.ok) return refuse(`${file}: ${cases.error}`);
      const slip = cases.value.map((one) => slipIn(one, policy.value, known)).find(Boolean);
      if (slip !== undefined) return refuse(`${file}: ${slip}`);
      results.push(...cases.value.map((one) => runCase(policy.value, file, one)));
    }
    print(at, results, values.json === true);
    return results.every(({ differences }) => differences.length === 0) ? YES : NO;
  },
};

/** A name in a case that is likely misspelt: such a case passes and holds the policy to nothing. */
function slipIn(one: PolicyCase, { issuers }: Policy, known: KnownNames): string | undefined {
  const { workload, user, requests } = one.input;
  for (const issuer of [workload.issuerName, user?.issuerName ?? workload.issuerName]) {
    const close = issuers.includes(issuer) ? undefined : likely(issuer, issuers);
    const unlike =
      close && `no rule names the identity issuer "${issuer}"; did you mean "${close}"?`;
    const fault = issuerFault(issuer, known) ?? unlike;
    if (fault !== undefined) return `the case "${one.name}": ${fault}`;
  }
  for (const [index, { tool, dataset }] of requests.entries()) {
    // A case may be about a name that is none.
    if (one.expected[index]?.verdict === 'grant_invalid') continue;
    const fault = toolFault(tool, known) ?? datasetFault(dataset, known);
    if (fault !== undefined) return `the case "${one.name}": ${fault}`;
  }
  return undefined;
}

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
