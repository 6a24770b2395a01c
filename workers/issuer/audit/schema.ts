import type { Schema } from '../platform/sqlite.ts';
import { COUNTED_TABLES } from './counted-schema.ts';
import {
  awaitedTable,
  carriedTable,
  numberedTable,
  recordTable,
  refusedTable,
  refuserTable,
  sampledTable,
} from './tables.ts';

/** The tables of the audit log. */
export const auditSchema: Schema = {
  object: 'AuditLog',
  tables: [
    ...[recordTable, numberedTable, awaitedTable, refusedTable, refuserTable],
    ...[sampledTable, carriedTable],
  ],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS record (
          seq      INTEGER PRIMARY KEY,  -- gap-free: allocated and committed in one transaction
          id       TEXT NOT NULL UNIQUE, -- a batch that is sent twice is written once
          workflow TEXT,                 -- for the trail of one workflow; null where none is known
          body     TEXT NOT NULL,        -- the record as JSON
          previous TEXT NOT NULL,        -- hash of the record before
          hash     TEXT NOT NULL         -- SHA-256 of previous, seq and the canonical record
        ) STRICT;
        CREATE TABLE IF NOT EXISTS numbered (
          verifier TEXT PRIMARY KEY,
          n        INTEGER NOT NULL      -- the highest of its records so far
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS record_workflow ON record (workflow, seq);
      `,
    },
    {
      release: '0.2.0',
      readableFrom: 1,
      sql: `
${COUNTED_TABLES}      `,
    },
    {
      release: '0.4.0',
      readableFrom: 2,
      // A table and no index over `record`: building one would read the whole log at once.
      sql: `
        CREATE TABLE IF NOT EXISTS sampled (
          seq INTEGER PRIMARY KEY -- of a record whose route only observed
        ) STRICT;
        CREATE TABLE IF NOT EXISTS carried (
          one               INTEGER PRIMARY KEY CHECK (one = 1),
          closed_at         INTEGER NOT NULL, -- unix milliseconds
          size              INTEGER NOT NULL,
          hash              TEXT NOT NULL,    -- of the last record
          sealed            INTEGER NOT NULL,
          month             TEXT NOT NULL,
          frontier          BLOB NOT NULL,
          is_published      INTEGER NOT NULL,
          compared          INTEGER NOT NULL,
          compared_path     TEXT NOT NULL,
          compared_frontier BLOB NOT NULL,
          emptied_at        INTEGER           -- unix milliseconds; null before
        ) STRICT;
      `,
    },
  ],
  triggers: {
    record_is_final: `BEFORE UPDATE ON record
      BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END`,
    record_stays: `BEFORE DELETE ON record
      BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END`,
  },
};
