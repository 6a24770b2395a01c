/** Runs the official data and our own vectors, with counts that show that none was left out. */
import { judgeWithEngine } from '../conformance/engine.ts';
import { caseLines, hasPassed, runSamples } from '../conformance/runner.ts';
import { type PackedSet, unpackSet } from './data.ts';
import { expectEqual, type SuiteTest } from './suite.ts';

/** Six things are compared for each validation. */
const ASPECTS = 6;

async function expectAllPass(packed: PackedSet, counts: { cases: number; validations: number }) {
  const report = await runSamples(unpackSet(packed), judgeWithEngine);
  const failed = report.cases.filter((one) => !hasPassed(one)).flatMap(caseLines);
  if (failed.length > 0) throw new Error(failed.join('\n'));
  expectEqual(report.caseTally, { passed: counts.cases, failed: 0 }, 'cases');
  expectEqual(report.validationTally, { passed: counts.validations, failed: 0 }, 'validations');
  expectEqual(report.comparisons, counts.validations * ASPECTS, 'comparisons');
}

export const officialSuite = (official: PackedSet): SuiteTest => ({
  name: 'official conformance data: 38 of 38 cases, 50 of 50 validations, 300 comparisons',
  run: () => expectAllPass(official, { cases: 38, validations: 50 }),
});

export function vectorSuite(vectors: PackedSet): SuiteTest {
  const { samples } = unpackSet(vectors);
  const cases = samples.testcases.length;
  const validations = samples.testcases.flatMap((one) => Object.keys(one.validations)).length;
  return {
    name: `our own vectors: ${cases} cases, ${validations} validations`,
    run: () => expectAllPass(vectors, { cases, validations }),
  };
}
