import { COUNTED_TABLES } from '../audit/counted-schema.ts';
import { awaitedTable, refusedTable, refuserTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import {
  continuedTable,
  evenTable,
  indexedTable,
  livingRootTable,
  numbersTable,
  oddTable,
  recentTable,
  sealTable,
} from './tables.ts';

/** Creates one of the two tables of pending records. */
export const pendingTable = (name: string): string => `
        CREATE TABLE IF NOT EXISTS ${name} (
          first   INTEGER PRIMARY KEY, -- index of its first record
          n       INTEGER NOT NULL,    -- how many it has
          at      INTEGER NOT NULL,    -- unix milliseconds
          records TEXT NOT NULL        -- as JSON
        ) STRICT;
`;

/** The tables of a transparency log. */
export const transparencyLogSchema: Schema = {
  object: 'TransparencyLog',
  tables: [
    evenTable,
    oddTable,
    indexedTable,
    recentTable,
    sealTable,
    numbersTable,
    awaitedTable,
    refusedTable,
    refuserTable,
    livingRootTable,
    continuedTable,
  ],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `
        ${pendingTable(evenTable.name)}
        ${pendingTable(oddTable.name)}
        CREATE TABLE IF NOT EXISTS indexed (
          bundle INTEGER PRIMARY KEY, -- of 256 entries
          block  BLOB NOT NULL        -- tags of its records
        ) STRICT;
        CREATE TABLE IF NOT EXISTS recent (
          first INTEGER PRIMARY KEY, -- index of the first of these records
          ids   TEXT NOT NULL        -- a line each
        ) STRICT;
        CREATE TABLE IF NOT EXISTS numbers (
          id    INTEGER PRIMARY KEY CHECK (id = 0),
          marks TEXT NOT NULL -- the highest number of each verifier, as JSON
        ) STRICT;
        CREATE TABLE IF NOT EXISTS seal (
          one  INTEGER PRIMARY KEY CHECK (one = 1),
          body TEXT NOT NULL         -- what the log knows of its archive, as JSON
        ) STRICT;
${COUNTED_TABLES}        CREATE TABLE IF NOT EXISTS living_root (
          root       TEXT PRIMARY KEY,
          ends       INTEGER NOT NULL, -- unix seconds
          adopted    INTEGER NOT NULL, -- whether an object of its own has it
          state      TEXT NOT NULL,
          issuer_key TEXT NOT NULL,
          also       TEXT,             -- scopes of its later mints
          start      TEXT NOT NULL     -- last: a count reads no overflow pages
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS living_root_unadopted ON living_root (ends) WHERE adopted = 0;
        CREATE TABLE IF NOT EXISTS continued (
          one    INTEGER PRIMARY KEY CHECK (one = 1),
          record TEXT NOT NULL         -- the last record of this log, as JSON
        ) STRICT;
      `,
    },
  ],
  triggers: {},
};
