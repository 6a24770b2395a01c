import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take over twenty seconds, mostly waiting. Started last, they would delay the end. */
const LONG: readonly string[] = [
  'test/e2e/processes/on-record.test.ts',
  'test/e2e/weather/weather.test.ts',
  'test/e2e/start.test.ts',
  'test/e2e/processes/unrecorded.test.ts',
  'test/e2e/processes/stopped-for-good.test.ts',
  'test/e2e/rotation.test.ts',
  'test/e2e/processes/unknown-fate.test.ts',
  'test/fuzz/constraints/constraints.test.ts',
  'test/e2e/storm/storm.test.ts',
];

/** Orders test files as Vitest does, with the known long ones first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((path) => moduleId.endsWith(path));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
