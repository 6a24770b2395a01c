import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Catalogue, historyRules } from '../../catalogue/index.ts';
import type { FileFault } from '../../deployment/index.ts';
import type { Policy } from '../../policy/index.ts';
import { listFiles } from '../../version-files/index.ts';
import type { CommandContext } from '../command.ts';
import { type CaseFile, readCaseFile } from '../policy/cases.ts';
import { readText } from '../policy/files.ts';
import { findHistoryMisspelling } from '../policy/history-cases.ts';
import { findMisspelling, runCase } from '../policy/test.ts';
import { type Difference, runHistoryCase } from '../policy/try-history.ts';
import { unreadable } from './unreadable.ts';

interface CasesReport {
  readonly faults: readonly FileFault[];
  readonly casesPassed: number;
}

interface Judges {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly issuers: readonly string[];
}

/** Runs the cases of a deployment, which are in `place`. */
export async function checkCases(
  context: Pick<CommandContext, 'cwd'>,
  place: string,
  judges: Judges,
): Promise<CasesReport> {
  const isThere = await stat(resolve(context.cwd, place)).catch(() => undefined);
  if (!isThere) return noneOf([{ file: place, found: 'missing: the policy has no test case' }]);
  const listed = await listFiles(context, [place], '.toml');
  if (!listed.ok) return noneOf([unreadable(place, listed.error)]);
  const faults: FileFault[] = [];
  let casesPassed = 0;
  for (const file of listed.value) {
    const source = await readText(context, file);
    const read = source.ok ? readCaseFile(source.value) : source;
    if (!read.ok) {
      faults.push(unreadable(file, read.error));
      continue;
    }
    for (const one of tried(read.value, relative(context.cwd, file), judges)) {
      const failures = faultsOf(file, one);
      if (failures.length === 0) casesPassed += 1;
      faults.push(...failures);
    }
  }
  return { faults, casesPassed };
}

const noneOf = (faults: readonly FileFault[]): CasesReport => ({ faults, casesPassed: 0 });

/** A case that was run, unless one of its names is misspelt. */
interface Tried {
  readonly what: string;
  readonly misspelt: string | undefined;
  readonly differences: readonly Difference[];
}

function tried(
  { cases, history }: CaseFile,
  file: string,
  { policy, catalogue, issuers }: Judges,
): readonly Tried[] {
  const rules = historyRules(catalogue);
  return [
    ...cases.map((one) => ({
      what: `case "${one.name}"`,
      misspelt: findMisspelling(one, policy, { catalogue, issuers }),
      differences: runCase(policy, file, one).differences,
    })),
    ...history.map((one) => ({
      what: `history "${one.name}"`,
      misspelt: findHistoryMisspelling(one, catalogue),
      differences: runHistoryCase(rules, file, one).differences,
    })),
  ];
}

function faultsOf(file: string, { what, misspelt, differences }: Tried): readonly FileFault[] {
  if (misspelt !== undefined) return [{ file, found: misspelt }];
  return differences.map(({ what: part, expected, decided }) => ({
    file,
    found: `the ${what} failed: ${part} is ${decided}`,
    allowed: `${expected}, as the ${what.split(' ', 1)[0]} expects`,
  }));
}
