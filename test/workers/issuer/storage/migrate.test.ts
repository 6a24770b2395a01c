import { evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { type IssuerEnv, replayStore } from '../../../../workers/issuer/platform/env.ts';
import { migrate, onDemandOf, type Schema } from '../../../../workers/issuer/platform/sqlite.ts';
import { SCHEMAS } from '../../../../workers/issuer/schemas.ts';

const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const FIRST = 'CREATE TABLE IF NOT EXISTS thing (id TEXT PRIMARY KEY) STRICT;';
const STAYS = "BEFORE DELETE ON thing BEGIN SELECT RAISE(ABORT, 'it stays'); END";

/** A schema with one version per step. */
const schema = (
  triggers: Schema['triggers'] = { thing_stays: STAYS },
  ...more: readonly Partial<Schema['steps'][number]>[]
): Schema => ({
  object: 'Thing',
  tables: [],
  steps: [{ sql: FIRST }, ...more].map((step, i) => ({
    release: `0.${i + 1}.0`,
    readableFrom: Math.max(1, i),
    sql: '',
    ...step,
  })),
  triggers,
});
const NOTED = { adds: { thing: ['note TEXT'] } };

/** Runs `body` with empty storage: an object's, without what its constructor created. */
const withStorage = (body: (storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(replayStore(env), async (_object, { storage }) => {
    await storage.deleteAll();
    body(storage);
  });

const master = ({ sql }: DurableObjectStorage) =>
  sql
    .exec(
      "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    )
    .toArray();
const versionOf = ({ sql }: DurableObjectStorage) =>
  sql.exec('SELECT version, readable_from FROM schema_version').one();

describe('opening storage', () => {
  test('that is empty creates all tables and triggers, and stores the version', () =>
    withStorage((storage) => {
      migrate(storage, schema(undefined, NOTED));
      storage.sql.exec("INSERT INTO thing (id, note) VALUES ('a', 'b')");
      expect(() => storage.sql.exec('DELETE FROM thing')).toThrow('it stays');
      expect(versionOf(storage)).toEqual({ version: 2, readable_from: 1 });
    }));

  test('without a version keeps its rows, and adds columns and triggers', () =>
    withStorage((storage) => {
      storage.sql.exec(FIRST);
      storage.sql.exec("INSERT INTO thing (id) VALUES ('a')");
      storage.sql.exec(`CREATE TRIGGER thing_stays BEFORE UPDATE ON thing
        BEGIN SELECT RAISE(ABORT, 'an older rule'); END`);
      storage.sql.exec(`CREATE TRIGGER forgotten BEFORE DELETE ON thing
        BEGIN SELECT RAISE(ABORT, 'a rule that was dropped'); END`);
      migrate(storage, schema(undefined, NOTED));
      storage.sql.exec("UPDATE thing SET note = 'b' WHERE id = 'a'");
      expect(() => storage.sql.exec('DELETE FROM thing')).toThrow('it stays');
      expect(storage.sql.exec('SELECT * FROM thing').toArray()).toEqual([{ id: 'a', note: 'b' }]);
    }));

  test('takes each step once, even if versions are skipped', () =>
    withStorage((storage) => {
      migrate(storage, schema());
      const counted = { adds: { thing: ['n INTEGER NOT NULL DEFAULT 0'] } };
      migrate(storage, schema(undefined, NOTED, counted));
      storage.sql.exec("INSERT INTO thing (id) VALUES ('a')");
      migrate(storage, schema(undefined, NOTED, counted));
      expect(storage.sql.exec('SELECT * FROM thing').toArray()).toEqual([
        { id: 'a', note: null, n: 0 },
      ]);
      expect(versionOf(storage)).toEqual({ version: 3, readable_from: 2 });
    }));

  test.each(SCHEMAS)('with the version of $object writes nothing', (real) =>
    withStorage((storage) => {
      migrate(storage, real);
      const statements: string[] = [];
      const { sql } = storage;
      const watched = {
        sql: {
          exec: (text: string, ...values: []) => {
            statements.push(text);
            return sql.exec(text, ...values);
          },
        },
        transactionSync: () => expect.fail('nothing is to be changed'),
      };
      migrate(watched as unknown as DurableObjectStorage, real);
      // Nothing was created on demand, so there is no version to read.
      expect(statements.length).toBe(onDemandOf(real) ? 1 : 2);
      for (const text of statements) expect(text).toMatch(/^SELECT /);
    }),
  );

  test('changes nothing if a step fails', () =>
    withStorage((storage) => {
      migrate(storage, schema());
      const before = master(storage);
      const broken = { adds: { thing: ['note TEXT'], nothing: ['n INTEGER'] } };
      expect(() => migrate(storage, schema({}, broken))).toThrow('nothing');
      expect(master(storage)).toEqual(before);
      expect(versionOf(storage)).toEqual({ version: 1, readable_from: 1 });
    }));

  test('of a newer version works with the release before, if that version allows it', () =>
    withStorage((storage) => {
      migrate(storage, schema({}, NOTED));
      const before = master(storage);
      migrate(storage, schema());
      storage.sql.exec("INSERT INTO thing (id) VALUES ('a')");
      expect(master(storage)).toEqual(before);
      expect(versionOf(storage)).toEqual({ version: 2, readable_from: 1 });
    }));

  test('of a newer version is refused and left unchanged by a release that would lose its data', () =>
    withStorage((storage) => {
      migrate(storage, schema(undefined, { ...NOTED, readableFrom: 2 }));
      const before = master(storage);
      expect(() => migrate(storage, schema())).toThrow(
        'the storage of Thing has version 2, which this code, of version 1, cannot use',
      );
      expect(master(storage)).toEqual(before);
    }));

  test('after a rollback drops the triggers of the release that was rolled back to', () =>
    withStorage((storage) => {
      migrate(storage, schema({}, NOTED));
      // Release 0.1.0 knew no versions, and created its own triggers at every start.
      storage.sql.exec(`CREATE TRIGGER thing_stays ${STAYS}`);
      migrate(storage, schema({}, NOTED));
      storage.sql.exec('DELETE FROM thing');
      expect(master(storage).map(({ name }) => name)).not.toContain('thing_stays');
    }));
});

test('every object migrates its storage to its version', async () => {
  const objects = {
    Activity: env.ACTIVITY,
    Approvals: env.APPROVALS,
    AuditLog: env.AUDIT_LOG,
    Breaker: env.BREAKER,
    FeedArchive: env.FEED_ARCHIVE,
    Operators: env.OPERATORS,
    ReplayStore: env.REPLAY_STORE,
    RevocationLog: env.REVOCATION_LOG,
    SubjectKeys: env.SUBJECT_KEYS,
    SignalStreams: env.SIGNAL_STREAMS,
    StatusList: env.STATUS_LIST,
    Tally: env.TALLY,
    TileStore: env.TILE_STORE,
    TransparencyLog: env.LOG,
    Versions: env.VERSIONS,
    Watchdog: env.WATCHDOG,
    Workflow: env.WORKFLOW,
  };
  expect(Object.keys(objects).sort()).toEqual(SCHEMAS.map(({ object }) => object).sort());
  for (const { object, steps, triggers } of SCHEMAS) {
    const stub = (objects[object as keyof typeof objects] as DurableObjectNamespace).getByName(
      'default',
    );
    await runInDurableObject(stub, (_object, { storage }) => {
      if (steps.at(-1)?.onDemand) return expect(master(storage)).toEqual([]);
      expect(versionOf(storage).version, object).toBe(steps.length);
      const names = storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'trigger'");
      expect(
        names
          .toArray()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(Object.keys(triggers).sort());
    });
    await evictDurableObject(stub);
  }
});
