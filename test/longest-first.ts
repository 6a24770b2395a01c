import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The longest files of each ring, in turns those that wait and those that compute. Started last,
 * the first would delay the end, and the others would compete for two cores.
 */
const LONG: readonly string[] = [
  'test/e2e/serve/serve.test.ts',
  'test/e2e/processes/on-record.test.ts',
  'test/e2e/recorder.test.ts',
  'test/e2e/serve/audit-commands.test.ts',
  'test/e2e/processes/mcp-bad-input.test.ts',
  'test/e2e/serve/restore.test.ts',
  'test/e2e/unknown-fate.test.ts',
  'test/fuzz/minted.test.ts',
  'test/e2e/weather/weather.test.ts',
  'test/e2e/start.test.ts',
  'test/fuzz/changed.test.ts',
  'test/e2e/processes/unrecorded.test.ts',
  'test/e2e/processes/stopped-for-good.test.ts',
  'test/fuzz/constraints/constraints.test.ts',
  'test/e2e/rotation.test.ts',
  'test/e2e/processes/revoked.test.ts',
  'test/fuzz/parsers/parsers.test.ts',
  'test/e2e/on-record.test.ts',
  'test/e2e/log-lines.test.ts',
  'test/suites/node.test.ts',
  'test/e2e/storm/storm.test.ts',
  'test/fuzz/constraints/every-kind.test.ts',
  'test/workers/issuer/storage/released.test.ts',
  'test/workers/issuer/log/model/crash.test.ts',
  'test/workers/issuer/life.property.test.ts',
  'test/unit/bench/attacks.test.ts',
  'test/unit/signals/push-set.test.ts',
  'test/unit/verifier-node/connections.test.ts',
  'test/unit/feed/outage-backoff.test.ts',
  'test/unit/identity/keys.test.ts',
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
