import type { Schema } from '../platform/sqlite.ts';
import { objectTable, partTable } from './tables.ts';

/** The tables of the archive where there is no bucket. */
export const tileStoreSchema: Schema = {
  object: 'TileStore',
  tables: [objectTable, partTable],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS object (
          path  TEXT PRIMARY KEY,
          etag  TEXT NOT NULL,    -- changes with every write
          bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS part (
          path    TEXT NOT NULL,
          n       INTEGER NOT NULL,
          content BLOB NOT NULL,  -- at most 1 MiB
          PRIMARY KEY (path, n)
        ) STRICT;
      `,
    },
  ],
  triggers: {},
};
