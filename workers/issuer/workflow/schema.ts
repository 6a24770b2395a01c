import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import { untoldTable } from '../signals/tables.ts';
import { convert } from './conversion.ts';
import { findingTable, intentTable, mintTable, receiptTable } from './tables.ts';

// The states of release 0.1.0, not those of the code: the text of a released step never changes.
const STATES_1 =
  "'pending', 'active', 'suspended', 'completing', 'completed', 'failed', 'revoked', 'expired'";

/**
 * The tables of one root workflow and all workflows below it. They have no index: each of them has
 * few rows, and an index costs a page, and a row with every write.
 */
const ON_DEMAND: Readonly<Record<string, readonly string[]>> = {
  mint: [
    `CREATE TABLE IF NOT EXISTS mint (
      n        INTEGER PRIMARY KEY,
      workflow TEXT NOT NULL,
      block    TEXT NOT NULL,
      at       INTEGER NOT NULL,
      expires  INTEGER NOT NULL,
      added    TEXT NOT NULL,
      grants   TEXT,
      bounds   TEXT NOT NULL
    ) STRICT`,
  ],
  intent: [
    `CREATE TABLE IF NOT EXISTS intent (
      n        INTEGER PRIMARY KEY,
      id       TEXT NOT NULL,
      target   TEXT NOT NULL,
      record   TEXT NOT NULL,
      word     TEXT,
      workflow TEXT,
      becomes  TEXT,
      epoch    INTEGER,
      seq      INTEGER,
      archived INTEGER,
      done     INTEGER NOT NULL
    ) STRICT`,
    `CREATE TRIGGER IF NOT EXISTS done_stays BEFORE UPDATE OF done ON intent
      WHEN OLD.done = 1 AND NEW.done = 0
      BEGIN SELECT RAISE(ABORT, 'what was done is not undone'); END`,
  ],
  finding: [
    `CREATE TABLE IF NOT EXISTS finding (
      n        INTEGER PRIMARY KEY,
      id       TEXT NOT NULL,
      workflow TEXT NOT NULL,
      rule     TEXT NOT NULL,
      upto     INTEGER NOT NULL,
      overruns INTEGER NOT NULL,
      finding  TEXT NOT NULL,
      done     INTEGER NOT NULL
    ) STRICT`,
  ],
  owed: [
    `CREATE TABLE IF NOT EXISTS owed (
      n      INTEGER PRIMARY KEY,
      id     TEXT NOT NULL,
      record TEXT NOT NULL,
      tries  INTEGER NOT NULL,
      due    INTEGER NOT NULL
    ) STRICT`,
  ],
  receipt: [
    `CREATE TABLE IF NOT EXISTS receipt (
      n        INTEGER PRIMARY KEY,
      workflow TEXT NOT NULL,
      kept     TEXT NOT NULL
    ) STRICT`,
  ],
  untold: [
    `CREATE TABLE IF NOT EXISTS untold (
      n      INTEGER PRIMARY KEY,
      id     TEXT NOT NULL,
      change TEXT NOT NULL
    ) STRICT`,
  ],
};

export const workflowSchema: Schema = {
  object: 'Workflow',
  tables: [mintTable, intentTable, findingTable, untoldTable, owedTable, receiptTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS workflow (
          id           TEXT PRIMARY KEY,
          parent       TEXT REFERENCES workflow (id), -- null for the root
          start        TEXT NOT NULL,    -- WorkflowStart as JSON, never changed
          state        TEXT NOT NULL     -- what log and feed have
            CHECK (state IN (${STATES_1})),
          ordered      TEXT NOT NULL     -- what was decided
            CHECK (ordered IN (${STATES_1})),
          gen          INTEGER NOT NULL, -- raised by every resumption
          depth        INTEGER NOT NULL, -- how many may stand below it in a line
          ends         INTEGER NOT NULL, -- unix seconds
          idle         INTEGER NOT NULL, -- seconds
          active_at    INTEGER NOT NULL, -- unix seconds of the last mint, call or resumption
          suspended_by TEXT,             -- who, while it is suspended
          grace_ends   INTEGER,          -- unix seconds, while it is completing
          ended_at     INTEGER           -- unix milliseconds of the decision that ended it
        ) STRICT;
        CREATE TABLE IF NOT EXISTS mint (
          block    TEXT PRIMARY KEY,     -- revocation id of the capability's authority block
          workflow TEXT NOT NULL,
          at       INTEGER NOT NULL,     -- unix seconds
          expires  INTEGER NOT NULL,     -- unix seconds
          added    TEXT NOT NULL         -- grants that the workflow did not have before, as JSON
        ) STRICT;
        CREATE INDEX IF NOT EXISTS mint_workflow ON mint (workflow);
        CREATE TABLE IF NOT EXISTS granted (
          block    TEXT PRIMARY KEY,     -- as in mint
          grants   TEXT NOT NULL,        -- all of that capability, with their constraints, as JSON
          bounds   TEXT NOT NULL         -- tier and budgets of that mint, as JSON
        ) STRICT;
        CREATE TABLE IF NOT EXISTS intent (
          n        INTEGER PRIMARY KEY,  -- the order in which they are carried out
          id       TEXT NOT NULL UNIQUE, -- of the audit record
          target   TEXT NOT NULL,        -- a workflow's id, or the revocation id of a block
          record   TEXT NOT NULL,        -- what will be, or was, written to the audit log, as JSON
          word     TEXT,                 -- what the feed is told, as JSON; null where nothing is
          workflow TEXT,                 -- whose state follows; null where none does
          becomes  TEXT,                 -- the state that it then has
          epoch    INTEGER,              -- of the feed's entry
          seq      INTEGER,              -- of the feed's entry
          archived INTEGER,              -- 1 where the feed's archive had it as well
          done     INTEGER NOT NULL      -- 1 once audit log, feed and state have it
        ) STRICT;
        CREATE TABLE IF NOT EXISTS meter (
          workflow TEXT NOT NULL,
          key      TEXT NOT NULL,        -- what is counted
          budget   INTEGER NOT NULL,     -- how much there is
          share    INTEGER NOT NULL,     -- of it, what goes back to the parent at the end
          used     INTEGER NOT NULL,
          carved   INTEGER NOT NULL CHECK (carved >= 0), -- set aside for children
          leased   INTEGER NOT NULL CHECK (leased >= 0), -- set aside for verifiers
          PRIMARY KEY (workflow, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS lease (
          id       TEXT PRIMARY KEY,
          workflow TEXT NOT NULL,
          tool     TEXT NOT NULL,
          calls    INTEGER NOT NULL,
          expires  INTEGER NOT NULL,     -- unix seconds
          state    TEXT NOT NULL CHECK (state IN ('open', 'lapsed', 'settled'))
        ) STRICT;
        CREATE INDEX IF NOT EXISTS lease_open ON lease (workflow, state);
        CREATE TABLE IF NOT EXISTS charge (
          nonce    TEXT PRIMARY KEY,     -- of the verifier, so that a retry is charged once
          answer   TEXT NOT NULL,        -- what it was answered, as JSON
          at       INTEGER NOT NULL      -- unix seconds
        ) STRICT;
        CREATE TABLE IF NOT EXISTS verifier (
          id       TEXT PRIMARY KEY,
          n        INTEGER NOT NULL      -- its records up to this one were counted
        ) STRICT;
        CREATE TABLE IF NOT EXISTS observed (
          n        INTEGER PRIMARY KEY,
          workflow TEXT NOT NULL,
          at       INTEGER NOT NULL,     -- unix milliseconds
          record   TEXT NOT NULL         -- what the rules read of a decision record, as JSON
        ) STRICT;
        CREATE INDEX IF NOT EXISTS observed_workflow ON observed (workflow, n);
        CREATE TABLE IF NOT EXISTS overrun (
          workflow TEXT NOT NULL,
          gen      INTEGER NOT NULL,     -- the generation that wanted more: once for each
          record   TEXT NOT NULL,        -- id of the record that shows it
          PRIMARY KEY (workflow, gen)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS finding (
          id       TEXT PRIMARY KEY,     -- of the audit record that says so
          workflow TEXT NOT NULL,
          rule     TEXT NOT NULL,
          upto     INTEGER NOT NULL,     -- the records that the rule has looked at
          overruns INTEGER NOT NULL,     -- how often a budget had been run over by then
          finding  TEXT NOT NULL,        -- rule, version, action, shadow, evidence, as JSON
          done     INTEGER NOT NULL      -- 1 once it has been acted upon
        ) STRICT;
        CREATE TABLE IF NOT EXISTS untold (
          id     TEXT PRIMARY KEY, -- of the change: one that is added twice is there once
          change TEXT NOT NULL     -- WorkflowChange as JSON
        ) STRICT;
      `,
      // For tables that were created before the column existed.
      adds: { intent: ['archived INTEGER'] },
    },
    { release: '0.2.0', readableFrom: 1, sql: OWED_TABLE },
    {
      release: '0.4.0',
      // The releases before would find no workflow in the new form, and answer that it is unknown.
      readableFrom: 3,
      sql: '',
      onDemand: {
        tables: ON_DEMAND,
        convert: (sql) => convert(sql, (table) => ON_DEMAND[table] ?? []),
      },
    },
  ],
  triggers: {},
};
