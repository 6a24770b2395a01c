import type { Schema } from '../platform/sqlite.ts';
import { livingScopeTable, livingTable, stopTable, trippedTable } from './tables.ts';

/** The tables of the breaker: living workflows, and what the rules stopped. */
export const breakerSchema: Schema = {
  object: 'Breaker',
  tables: [livingTable, stopTable, trippedTable, livingScopeTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS living (
          workflow TEXT PRIMARY KEY,
          ends     INTEGER NOT NULL  -- unix seconds; counted until then, or until it says it ended
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS living_ends ON living (ends);
        CREATE TABLE IF NOT EXISTS stop (
          rule     TEXT NOT NULL,    -- id and version
          workflow TEXT NOT NULL,
          at       INTEGER NOT NULL, -- unix milliseconds
          PRIMARY KEY (rule, workflow)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS tripped (
          rule     TEXT PRIMARY KEY, -- id and version
          at       INTEGER NOT NULL  -- unix milliseconds
        ) STRICT, WITHOUT ROWID;
      `,
    },
    {
      release: '0.2.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS living_scope (
          scope    TEXT NOT NULL,    -- as of a watermark
          value    TEXT NOT NULL,
          workflow TEXT NOT NULL,
          PRIMARY KEY (scope, value, workflow)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS living_scope_workflow ON living_scope (workflow);
      `,
    },
  ],
  triggers: {},
};
