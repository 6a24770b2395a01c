import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import { holdTable, subjectKeyTable } from './tables.ts';

/** The keys of people and the legal holds on them. */
export const subjectKeysSchema: Schema = {
  object: 'SubjectKeys',
  tables: [subjectKeyTable, holdTable, owedTable],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `${OWED_TABLE}
        CREATE TABLE IF NOT EXISTS subject_key (
          person TEXT PRIMARY KEY,     -- SHA-256 in hex
          id     TEXT NOT NULL UNIQUE, -- random: says nothing of the person
          key    BLOB NOT NULL         -- 32 random bytes
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS hold (
          id      TEXT PRIMARY KEY,
          subject TEXT NOT NULL,
          reason  TEXT NOT NULL,
          actor   TEXT NOT NULL,
          at      INTEGER NOT NULL     -- unix milliseconds
        ) STRICT, WITHOUT ROWID;
      `,
    },
  ],
  triggers: {},
};
