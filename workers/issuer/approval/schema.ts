import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import { approvalTable, approvedValueTable, signedBlockTable, valueKeyTable } from './tables.ts';

/** The questions and their answers; docs/reference/storage.md explains each column. */
export const approvalsSchema: Schema = {
  object: 'Approvals',
  tables: [approvalTable, owedTable, signedBlockTable, approvedValueTable, valueKeyTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS approval (
          seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of asking
          id       TEXT NOT NULL UNIQUE,
          agent    TEXT NOT NULL,
          digest   TEXT NOT NULL,    -- SHA-256 of question, lower-case hex
          question TEXT NOT NULL,    -- canonical JSON, never changed
          state    TEXT NOT NULL
            CHECK (state IN ('pending', 'approved', 'refused', 'expired', 'used')),
          asked    INTEGER NOT NULL, -- unix seconds
          deadline INTEGER NOT NULL, -- unix seconds: the end of the question, the approval or the row
          interval INTEGER NOT NULL, -- seconds between two polls
          polled   INTEGER NOT NULL, -- unix milliseconds of the last poll; 0 before the first
          decision TEXT              -- the answer's record, from its order on; null before
        ) STRICT;
        CREATE INDEX IF NOT EXISTS approval_agent ON approval (agent, digest);
        CREATE INDEX IF NOT EXISTS approval_deadline ON approval (deadline);
      `,
    },
    { release: '0.2.0', readableFrom: 1, sql: OWED_TABLE },
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS signed_block (
          approval  TEXT PRIMARY KEY,
          workflow  TEXT NOT NULL,
          signature TEXT NOT NULL,   -- of the approver, lower-case hex
          until     INTEGER NOT NULL -- unix seconds: its end
        ) STRICT;
        CREATE TABLE IF NOT EXISTS approved_value (
          value   TEXT NOT NULL,    -- keyed hash of agent, tool, place and value
          by      TEXT NOT NULL,
          agent   TEXT NOT NULL,
          tool    TEXT NOT NULL,
          pointer TEXT NOT NULL,    -- with * for an element of a list
          count   INTEGER NOT NULL,
          last    INTEGER NOT NULL, -- unix seconds
          PRIMARY KEY (value, by)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS value_key (
          id  INTEGER PRIMARY KEY CHECK (id = 1),
          key TEXT NOT NULL         -- 32 random bytes as hex
        ) STRICT;
      `,
    },
  ],
  triggers: {
    terminal_states_absorb: `BEFORE UPDATE OF state ON approval
      WHEN OLD.state <> NEW.state AND NOT (
        (OLD.state = 'pending' AND NEW.state IN ('approved', 'refused', 'expired'))
        OR (OLD.state = 'approved' AND NEW.state IN ('used', 'expired', 'refused')))
      BEGIN SELECT RAISE(ABORT, 'an answer stays, and counts once'); END`,
    question_is_final: `BEFORE UPDATE OF id, agent, digest, question ON approval
      BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END`,
  },
};
