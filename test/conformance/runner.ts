/**
 * Runs a set of official-format cases through a judge and reports every difference. Any runtime.
 */
import type { SampleCase, Samples, Validation } from './format.ts';
import { ASPECTS, compareOutcomes, type Difference, type Outcome } from './outcome.ts';

export type Question = {
  readonly token: Uint8Array<ArrayBuffer>;
  /** Ed25519, hex: the format knows no other root keys. */
  readonly rootPublicKey: string;
  readonly authorizerCode: string;
};

export type Judge = (question: Question) => Promise<Outcome>;

export type SampleSet = {
  readonly samples: Samples;
  /** The bytes of the tokens by file name. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
};

export type ValidationReport = {
  readonly name: string;
  readonly differences: readonly Difference[];
};

export type CaseReport = {
  readonly filename: string;
  readonly title: string;
  readonly validations: readonly ValidationReport[];
};

export type Tally = { readonly passed: number; readonly failed: number };

export type Report = {
  readonly cases: readonly CaseReport[];
  readonly caseTally: Tally;
  readonly validationTally: Tally;
  /** Number of comparisons: six per validation. */
  readonly comparisons: number;
};

/** A validation states six things; a token that does not parse has no content to compare. */
const expectedOf = (sample: SampleCase, validation: Validation): Outcome => ({
  blocks: validation.revocation_ids.length === 0 ? undefined : sample.token,
  result: validation.result,
  world: validation.world,
  revocationIds: validation.revocation_ids,
});

async function runCase(set: SampleSet, sample: SampleCase, judge: Judge): Promise<CaseReport> {
  const token = set.files.get(sample.filename);
  const validations: ValidationReport[] = [];
  for (const [name, validation] of Object.entries(sample.validations)) {
    const differences =
      token === undefined
        ? [{ aspect: ASPECTS[0], expected: sample.filename, actual: 'no such file' }]
        : compareOutcomes(
            expectedOf(sample, validation),
            await judge({
              token,
              rootPublicKey: set.samples.root_public_key,
              authorizerCode: validation.authorizer_code,
            }),
          );
    validations.push({ name, differences });
  }
  return { filename: sample.filename, title: sample.title, validations };
}

export const hasPassed = (report: CaseReport): boolean =>
  report.validations.every(({ differences }) => differences.length === 0);

const tally = (verdicts: readonly boolean[]): Tally => {
  const passed = verdicts.filter((verdict) => verdict).length;
  return { passed, failed: verdicts.length - passed };
};

export async function runSamples(set: SampleSet, judge: Judge): Promise<Report> {
  const cases: CaseReport[] = [];
  for (const sample of set.samples.testcases) cases.push(await runCase(set, sample, judge));
  const validations = cases.flatMap((report) => report.validations);
  return {
    cases,
    caseTally: tally(cases.map(hasPassed)),
    validationTally: tally(validations.map(({ differences }) => differences.length === 0)),
    comparisons: validations.length * ASPECTS.length,
  };
}

const EXCERPT_CHARS = 300;

/** The part of a long text that starts shortly before it differs from another. */
function excerpt(text: string, other: string): string {
  if (text.length <= EXCERPT_CHARS) return text;
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const start = Math.max(0, at - EXCERPT_CHARS / 2);
  return `… ${text.slice(start, start + EXCERPT_CHARS)} …`;
}

/** One line per case, with the differences below it. */
export function caseLines(report: CaseReport): readonly string[] {
  const passed = report.validations.filter(({ differences }) => differences.length === 0).length;
  const verdict = hasPassed(report) ? 'pass' : 'FAIL';
  const count = `${passed}/${report.validations.length}`;
  const details = report.validations.flatMap(({ name, differences }) =>
    differences.map(
      ({ aspect, expected, actual }) =>
        `      "${name}": ${aspect}\n` +
        `      expected ${excerpt(expected, actual)}\n      actual   ${excerpt(actual, expected)}`,
    ),
  );
  return [`${verdict}  ${report.filename}  ${report.title}  ${count}`, ...details];
}
