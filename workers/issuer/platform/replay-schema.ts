import type { Schema } from './sqlite.ts';
import { usedTable } from './tables.ts';

/** What was used once; docs/reference/storage.md has the reasons. */
export const replaySchema: Schema = {
  object: 'ReplayStore',
  tables: [usedTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS used (
          kind    TEXT NOT NULL,    -- what it is the id of, so that two kinds share no ids
          id      TEXT NOT NULL,
          expires INTEGER NOT NULL, -- unix seconds until which a second use must be known
          PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS used_expires ON used (expires);
      `,
    },
  ],
  triggers: {},
};
