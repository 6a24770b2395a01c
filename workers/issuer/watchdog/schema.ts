import type { Schema } from '../platform/sqlite.ts';
import {
  drillRunTable,
  drillScheduleTable,
  noticeTable,
  quietTable,
  targetTable,
} from './tables.ts';

/** What is to be sent, and the runs of the drill; docs/reference/storage.md has the reasons. */
export const watchdogSchema: Schema = {
  object: 'Watchdog',
  tables: [noticeTable, targetTable, quietTable, drillScheduleTable, drillRunTable],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS notice (
          seq      INTEGER PRIMARY KEY AUTOINCREMENT,
          target   TEXT NOT NULL,
          id       TEXT NOT NULL,
          at       INTEGER NOT NULL,           -- unix milliseconds
          notice   TEXT NOT NULL,              -- as JSON
          refusals INTEGER NOT NULL DEFAULT 0, -- how often its receiver would not take it
          due      INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which it is not sent
          UNIQUE (target, id)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS target (
          name      TEXT PRIMARY KEY,
          dropped   INTEGER NOT NULL DEFAULT 0, -- notices that were lost to it
          failures  INTEGER NOT NULL DEFAULT 0, -- deliveries in a row that did not go through
          fault     TEXT,                       -- code of the last of them
          due       INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which nothing is sent
          delivered INTEGER                     -- unix milliseconds
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS quiet (
          key   TEXT PRIMARY KEY,
          until INTEGER NOT NULL -- unix milliseconds
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS drill_schedule (
          one INTEGER PRIMARY KEY CHECK (one = 1),
          due INTEGER NOT NULL -- unix milliseconds
        ) STRICT;
        CREATE TABLE IF NOT EXISTS drill_run (
          n         INTEGER PRIMARY KEY AUTOINCREMENT,
          at        INTEGER NOT NULL, -- unix milliseconds
          shard     INTEGER NOT NULL,
          verdict   TEXT NOT NULL
            CHECK (verdict IN ('in_time', 'late', 'unproven', 'failed')),
          epoch     INTEGER,
          seq       INTEGER,
          in_feed   INTEGER,          -- milliseconds
          ms        INTEGER,          -- milliseconds
          confirmed INTEGER NOT NULL,
          late      TEXT NOT NULL,    -- names as JSON
          silent    TEXT NOT NULL     -- names as JSON
        ) STRICT;
      `,
    },
  ],
  triggers: {},
};
