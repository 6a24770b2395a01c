import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import {
  capabilityTable,
  passkeyTable,
  proofTable,
  proposalTable,
  sessionTable,
} from './tables.ts';

/** Sessions and capabilities of operators, and the orders that wait for a second person. */
export const operatorsSchema: Schema = {
  object: 'Operators',
  tables: [sessionTable, proofTable, proposalTable, capabilityTable, passkeyTable, owedTable],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `${OWED_TABLE}
        CREATE TABLE IF NOT EXISTS session (
          digest   TEXT PRIMARY KEY, -- SHA-256 of the token, lower-case hex
          name     TEXT NOT NULL,
          provider TEXT NOT NULL,
          claims   TEXT NOT NULL,    -- JSON: texts by claim
          source   TEXT NOT NULL CHECK (source IN ('console', 'cli')),
          begun    INTEGER NOT NULL, -- unix seconds
          ends     INTEGER NOT NULL  -- unix seconds
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS proof (
          digest TEXT PRIMARY KEY,   -- SHA-256 of an ID token, lower-case hex
          until  INTEGER NOT NULL    -- unix seconds
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS proposal (
          id       TEXT PRIMARY KEY,
          author   TEXT NOT NULL,
          expires  INTEGER NOT NULL, -- unix seconds
          proposal TEXT NOT NULL     -- JSON
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS capability (
          id         TEXT PRIMARY KEY,
          author     TEXT NOT NULL,
          ends       INTEGER NOT NULL, -- unix seconds
          capability TEXT NOT NULL,    -- JSON
          stopped    TEXT NOT NULL     -- JSON: revocation ids
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS passkey (
          id      TEXT PRIMARY KEY,    -- base64url
          name    TEXT NOT NULL,
          counter INTEGER NOT NULL,
          used    INTEGER,             -- unix seconds
          passkey TEXT NOT NULL        -- JSON
        ) STRICT, WITHOUT ROWID;
      `,
    },
  ],
  triggers: {},
};
