import { canonicalJson, type Json } from '../../canonical-json.ts';
import { historyRules } from '../../catalogue/index.ts';
import { likely } from '../../likely.ts';
import {
  datasetFault,
  issuerFault,
  type KnownNames,
  type Policy,
  toolFault,
} from '../../policy/index.ts';
import {
  type Decided,
  decideInOrder,
  type Outcome,
  showGrant,
  showOutcome,
  showVerdict,
} from '../../questions/index.ts';
import { refuse } from '../../result.ts';
import { listFiles } from '../../version-files/index.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { type ExpectedGrant, type PolicyCase, readCaseFile } from './cases.ts';
import { POLICY_FOLDER, readCatalogue, readPolicy, readText } from './files.ts';
import { CATALOGUE_FLAG, POLICY_FLAG } from './flags.ts';
import { findHistoryMisspelling } from './history-cases.ts';
import { type Difference, type HistoryResult, runHistoryCase } from './try-history.ts';

const CASES_FOLDER = `${POLICY_FOLDER}/cases`;

export interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly decided: Decided;
  /** Empty if the case passed. */
  readonly differences: readonly Difference[];
}

export const policyTest = defineCommand({
  name: 'policy test',
  summary: 'test the policy with cases',
  operands: '[FILES...]',
  description: `Tests the policy with cases: requests and their expected decisions. FILES are TOML files of cases, or folders of them; by default ${CASES_FOLDER}. docs/reference/policy.md describes the format.`,
  flags: {
    ...POLICY_FLAG,
    ...CATALOGUE_FLAG,
    issuer: {
      kind: 'list',
      value: 'NAME',
      description:
        'a name in IDENTITY_ISSUERS; cases and policies may then name only these issuers',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn policy test',
    `hewn policy test ${CASES_FOLDER}/reports.toml --policy ${POLICY_FOLDER}/reports.datalog`,
    'hewn policy test --json',
  ],
  exitCodes: { 0: 'every case passed', 1: 'a case failed', 2: 'a file cannot be read' },
  run: async ({ flags, operands }, context) => {
    const issuers = flags.issuer.length > 0 ? flags.issuer : undefined;
    const paths = flags.policy.length > 0 ? flags.policy : [POLICY_FOLDER];
    const policy = await readPolicy(
      context,
      paths,
      flags.catalogue,
      issuers === undefined ? {} : { issuers },
    );
    if (!policy.ok) return policy;
    const catalogue = await readCatalogue(context, flags.catalogue);
    if (!catalogue.ok) return catalogue;
    const known = { catalogue: catalogue.value, issuers };
    const places = operands.length > 0 ? operands : [CASES_FOLDER];
    const files = await listFiles(context, places, '.toml');
    if (!files.ok) return files;
    const results: CaseResult[] = [];
    const stories: HistoryResult[] = [];
    const rules = historyRules(catalogue.value);
    for (const file of files.value) {
      const source = await readText(context, file);
      if (!source.ok) return source;
      const read = readCaseFile(source.value);
      if (!read.ok) return refuse(`${file}: ${read.error}`);
      const { cases, history } = read.value;
      const fault = [
        ...cases.map((one) => findMisspelling(one, policy.value, known)),
        ...history.map((one) => findHistoryMisspelling(one, catalogue.value)),
      ].find(Boolean);
      if (fault !== undefined) return refuse(`${file}: ${fault}`);
      results.push(...cases.map((one) => runCase(policy.value, file, one)));
      stories.push(...history.map((one) => runHistoryCase(rules, file, one)));
    }
    print(context, results, stories, flags.json);
    const all = [...results, ...stories];
    return all.every(({ differences }) => differences.length === 0) ? YES : NO;
  },
});

/** Finds a name that is probably misspelt: such a case passes, and tests nothing. */
export function findMisspelling(
  one: PolicyCase,
  { issuers }: Policy,
  known: KnownNames,
): string | undefined {
  const { workload, user, requests } = one.input;
  for (const issuer of [workload.issuerName, user?.issuerName ?? workload.issuerName]) {
    const close = issuers.includes(issuer) ? undefined : likely(issuer, issuers);
    const unlike =
      close && `no rule names the identity issuer "${issuer}"; did you mean "${close}"?`;
    const fault = issuerFault(issuer, known) ?? unlike;
    if (fault !== undefined) return `the case "${one.name}": ${fault}`;
  }
  for (const [index, { tool, dataset }] of requests.entries()) {
    // A case may be about an invalid name.
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

function print(
  context: CommandContext,
  cases: readonly CaseResult[],
  history: readonly HistoryResult[],
  asJson: boolean,
): void {
  const all = [...cases, ...history];
  const failed = all.filter(({ differences }) => differences.length > 0).length;
  const passed = all.length - failed;
  if (asJson) {
    context.out(showJson({ passed, failed, cases, ...(history.length > 0 && { history }) }));
    return;
  }
  for (const one of all) {
    const { file, name, differences } = one;
    context.out(`${differences.length === 0 ? 'ok  ' : 'FAIL'}  ${name}  (${file})`);
    const lines =
      'calls' in one
        ? one.calls.map(({ tool, decided }) => `${tool}: ${decided}`)
        : one.decided.outcomes.map(showOutcome);
    for (const line of lines) context.out(`        ${line}`);
    for (const { what, expected, decided: got } of differences) {
      context.out(`      - ${what}: ${expected}`);
      context.out(`      + ${what}: ${got}`);
    }
  }
  context.out(`${passed} passed, ${failed} failed`);
}
