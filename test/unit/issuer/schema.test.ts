import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SCHEMAS } from '../../../workers/issuer/schemas.ts';
import { readSources } from '../architecture/source.ts';
import { readProjectFile } from '../docs/markdown.ts';

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/**
 * A digest for each version of each object's tables, and one for the triggers of its newest.
 * Digests of a released version are final: storage that has taken a step does not take it again, so
 * a changed text would not reach it. Correct a mistake with another step.
 */
const DIGESTS: Readonly<Record<string, { steps: string[]; triggers: string }>> = {
  Activity: { steps: ['9c065f3e886e32fd'], triggers: 'ede0de8074924080' },
  Approvals: {
    steps: ['525bbab557358d15', '45842c3efc8513e0', '90c13c9efa219573'],
    triggers: '8d2ef225ca430fd9',
  },
  FeedArchive: {
    steps: ['74823fbef15abbfc', '798f80d8e93b2a61', '805d37beb55feed6', 'ec5362733c5486a1'],
    triggers: '4784842548711c2e',
  },
  AuditLog: {
    steps: ['62a72f2e91c0de7b', '5b6faaeccd9c3f63', '1ca5dc09010ec509'],
    triggers: '98e85e28d0cb3c69',
  },
  Breaker: { steps: ['c65a551a461c89d4', 'ebdada74459dd970'], triggers: 'ef1424cb5c9d0ebc' },
  RevocationLog: {
    steps: ['f73f495306e50b49', '043efb33ca39c76b', '805d37beb55feed6', '3befc182ea2a4cc9'],
    triggers: '345e6677537cb7ad',
  },
  ReplayStore: { steps: ['73f50ee03b808569'], triggers: 'ede0de8074924080' },
  StatusList: { steps: ['60af4508cb869b7b'], triggers: 'ede0de8074924080' },
  SignalStreams: { steps: ['dcf599d075682874', 'f892958206f3cc65'], triggers: 'ef1424cb5c9d0ebc' },
  TileStore: { steps: ['9fd5c550f5fa68b3'], triggers: 'ede0de8074924080' },
  TransparencyLog: { steps: ['9efe65fd6b386056'], triggers: 'ede0de8074924080' },
  Operators: { steps: ['4f68267c0e39108b'], triggers: 'ede0de8074924080' },
  SubjectKeys: { steps: ['37fbf2109f51a966'], triggers: 'ede0de8074924080' },
  Tally: { steps: ['f5527030b188e3ba'], triggers: 'ede0de8074924080' },
  Watchdog: { steps: ['2620869f703ebe34'], triggers: 'ede0de8074924080' },
  Versions: { steps: ['da9a17ff4e8227ce'], triggers: 'f626e9cdbf6aff79' },
  Workflow: {
    steps: ['0bf8b25bdbc990ff', '45842c3efc8513e0', 'bf76963ff9b6a57a'],
    triggers: '64beace227906bca',
  },
};

/** Steps that no release before can read, which docs/upgrading.md lists with what that means. */
const ONE_WAY: readonly string[] = ['Workflow 3'];
const isOneWay = (object: string, index: number): boolean =>
  ONE_WAY.includes(`${object} ${index + 1}`);

describe('the schema of a Durable Object', () => {
  test.each(SCHEMAS)(
    'has no changed table or trigger of $object without a new version',
    (schema) => {
      expect({
        steps: schema.steps.map(digest),
        triggers: digest([schema.steps.length, schema.triggers]),
      }).toEqual(DIGESTS[schema.object]);
    },
  );

  test.each(SCHEMAS)(
    'of $object ends with a step of this release or an earlier one',
    async (schema) => {
      const { version } = JSON.parse(await readProjectFile('package.json')) as { version: string };
      const releases = schema.steps.map(({ release }) => release);
      expect(releases[0]).toBe(FIRST[schema.object] ?? '0.1.0');
      expect([...new Set(releases)].sort(byNumber)).toEqual(releases);
      expect([...releases, version].sort(byNumber).at(-1)).toBe(version);
    },
  );

  test.each(SCHEMAS)('of $object allows a rollback by one release', ({ object, steps }) => {
    steps.forEach(({ readableFrom }, i) => {
      expect(readableFrom).toBeGreaterThan(0);
      expect(readableFrom).toBeLessThanOrEqual(Math.max(1, i + (isOneWay(object, i) ? 1 : 0)));
    });
  });

  test.each(SCHEMAS)(
    'of $object adds only columns that the release before can leave out',
    (one) => {
      for (const { sql, adds = {} } of one.steps.slice(1)) {
        for (const column of Object.values(adds).flat()) {
          expect(!/NOT NULL/.test(column) || /DEFAULT/.test(column), column).toBe(true);
        }
        expect(sql).not.toMatch(/ALTER|DROP|RENAME/);
      }
    },
  );

  test('is in its own file', () => {
    const sources = readSources('workers/issuer');
    const creating = sources.filter(({ text }) => /CREATE (TABLE|TRIGGER|INDEX)/.test(text));
    for (const { path } of creating) expect(path).toMatch(/(schema|triggers|sqlite)\.ts$/);
    const objects = sources.filter(({ text }) => / extends DurableObject\b/.test(text));
    expect(objects.length).toBe(SCHEMAS.length);
    expect(SCHEMAS.map(({ object }) => object).sort()).toEqual(
      objects.map(({ text }) => /class (\w+) extends DurableObject/.exec(text)?.[1]).sort(),
    );
  });
});

/** The releases of objects that 0.1.0 did not have. */
const FIRST: Readonly<Record<string, string>> = {
  Activity: '0.4.0',
  Versions: '0.3.0',
  Operators: '0.4.0',
  SubjectKeys: '0.4.0',
  Tally: '0.4.0',
  TileStore: '0.4.0',
  TransparencyLog: '0.4.0',
  Watchdog: '0.4.0',
};

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
