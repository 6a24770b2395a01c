import type { Schema } from '../platform/sqlite.ts';
import { listTable, namedTable, placeTable, standingTable } from './tables.ts';

/** Where the status of each workflow stands; docs/reference/storage.md has the reasons. */
export const statusSchema: Schema = {
  object: 'StatusList',
  tables: [listTable, placeTable, namedTable, standingTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS list (
          id     TEXT PRIMARY KEY,   -- random: a number would count the workflows for everybody
          opened INTEGER NOT NULL,   -- unix seconds
          taken  INTEGER NOT NULL,   -- how many of its indexes are somebody's
          ends   INTEGER NOT NULL,   -- unix seconds: the latest end of its places
          signed INTEGER NOT NULL    -- unix seconds of its newest token; never goes back
        ) STRICT;
        CREATE TABLE IF NOT EXISTS place (
          workflow TEXT PRIMARY KEY, -- each has one index for all of its life
          list     TEXT NOT NULL,    -- of which list
          idx      INTEGER NOT NULL, -- drawn at random within it, and never given out again
          ends     INTEGER NOT NULL, -- unix seconds after which it is invalid whatever was heard
          UNIQUE (list, idx)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS named (
          workflow TEXT NOT NULL,    -- that of a place, or one above it
          list     TEXT NOT NULL,    -- the place whose status it bears on
          idx      INTEGER NOT NULL,
          PRIMARY KEY (list, idx, workflow)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS standing (
          workflow TEXT PRIMARY KEY,
          status   TEXT NOT NULL CHECK (status IN ('valid', 'invalid', 'suspended')),
          at       INTEGER NOT NULL  -- unix milliseconds of the change that says so
        ) STRICT;
      `,
    },
  ],
  triggers: {},
};
