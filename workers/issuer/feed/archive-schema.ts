import type { Schema } from '../platform/sqlite.ts';
import { CATALOGUE_TABLE, catalogueTriggers } from './catalogue-schema.ts';
import { HEAD_KEYS_TABLE, headKeysTriggers } from './keys/schema.ts';
import { catalogueTable, headKeysTable, keptTable, leafTable, positionTable } from './tables.ts';
import { KEPT_LEAF_TABLE, leafTriggers } from './tree-schema.ts';

/** The second copy of a log; docs/reference/storage.md has the reasons. */
export const archiveSchema: Schema = {
  object: 'FeedArchive',
  tables: [positionTable, keptTable, catalogueTable, leafTable, headKeysTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS position (
          one   INTEGER PRIMARY KEY CHECK (one = 1),
          epoch INTEGER NOT NULL,
          seq   INTEGER NOT NULL,        -- of the newest entry that was kept
          chain TEXT NOT NULL            -- the hash chain after it
        ) STRICT;
        CREATE TABLE IF NOT EXISTS kept (
          seq     INTEGER PRIMARY KEY,
          ordered TEXT NOT NULL,         -- as in the log
          kind    TEXT NOT NULL,
          expires INTEGER NOT NULL,      -- unix seconds; an alarm deletes it then
          record  BLOB NOT NULL,
          chain   TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS kept_expires ON kept (expires);
      `,
    },
    {
      release: '0.2.0',
      readableFrom: 1,
      sql: `
        -- Those that another takes the place of are looked for among all that is kept.
        CREATE INDEX IF NOT EXISTS kept_denial ON kept (seq) WHERE kind IN ('denial', 'lift');
      `,
    },
    { release: '0.3.0', readableFrom: 2, sql: CATALOGUE_TABLE },
    { release: '0.4.0', readableFrom: 3, sql: KEPT_LEAF_TABLE + HEAD_KEYS_TABLE },
  ],
  triggers: {
    ...catalogueTriggers,
    ...headKeysTriggers,
    ...leafTriggers,
    position_moves_forward: `BEFORE UPDATE ON position
      WHEN NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq
      BEGIN SELECT RAISE(ABORT, 'the archive never goes back'); END`,
    kept_is_final: `BEFORE UPDATE ON kept
      BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END`,
  },
};
