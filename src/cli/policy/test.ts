import type { Policy } from '../../policy/index.ts';
import { type Command, NO, readFlags, type Surroundings, showJson, YES } from '../command.ts';
import { type PolicyCase, readCases } from './cases.ts';
import { CATALOGUE, listFiles, POLICY_FOLDER, readPolicy, readText } from './files.ts';
import { type Decided, decideInOrder, showGrant, showOutcome, showVerdict } from './outcome.ts';

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
    const expected = one.verdicts[index] ?? '';
    if (expected === outcome.verdict) continue;
    const { verdict, grant } = outcome;
    const shown = expected === 'granted' ? expected : `refused (${expected})`;
    differences.push({ what: showGrant(grant), expected: shown, decided: showVerdict(verdict) });
  }
  const { owner = 'none', lifetimeSeconds } = decided;
  if (one.owner !== undefined && one.owner !== owner) {
    differences.push({ what: 'owner', expected: one.owner, decided: owner });
  }
  if (one.lifetime !== undefined && one.lifetime !== lifetimeSeconds) {
    const [expected, lives] = [`${one.lifetime} s`, `${lifetimeSeconds} s`];
    differences.push({ what: 'lifetime', expected, decided: lives });
  }
  return { file, name: one.name, decided, differences };
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
