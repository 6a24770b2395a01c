import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import { CATALOGUE_TABLE, catalogueTriggers } from './catalogue-schema.ts';
import { HEAD_KEYS_TABLE, headKeysTriggers } from './keys/schema.ts';
import { PUBLISHED_KEY_TABLE } from './published-key-schema.ts';
import {
  catalogueTable,
  checkpointTable,
  denialTable,
  entryTable,
  headKeysTable,
  leafTable,
  logTable,
  namedScopeTable,
  publishedKeyTable,
  snapshotReferenceTable,
  snapshotTable,
  tileTable,
} from './tables.ts';
import { leafTriggers, TREE_TABLES } from './tree-schema.ts';

/**
 * What an operator denies, and what living tokens name. The log holds both, because every mint asks
 * it last: a mint and a denial have one order there.
 */
const DENIAL_TABLES = `
        -- Like entry_watermark: heads and compaction look for a handful among all that lives.
        CREATE INDEX IF NOT EXISTS entry_withdrawal ON entry (seq) WHERE kind = 'withdrawal';
        CREATE INDEX IF NOT EXISTS entry_denial ON entry (seq) WHERE kind = 'denial';
        CREATE TABLE IF NOT EXISTS denial (
          scope   TEXT NOT NULL,
          value   TEXT NOT NULL,
          ordered TEXT NOT NULL UNIQUE,  -- of the entry that set it
          before  INTEGER NOT NULL,      -- unix seconds; what was issued before it is stopped
          at      INTEGER NOT NULL,      -- unix seconds
          until   INTEGER,               -- unix seconds of its end; null until an operator lifts it
          reason  TEXT,                  -- null where the entry alone came back from the archive
          PRIMARY KEY (scope, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS named_scope (
          scope   TEXT NOT NULL,
          value   TEXT NOT NULL,
          expires INTEGER NOT NULL,      -- unix seconds until which a token that names it may live
          PRIMARY KEY (scope, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS named_scope_expires ON named_scope (expires);
        -- Tokens of the release before are not in it: for as long as one lives, any may be named.
        INSERT INTO named_scope (scope, value, expires)
          SELECT 'all', '', unixepoch() + 3660 WHERE EXISTS (SELECT 1 FROM log);
`;

/** The schema of a log. docs/reference/storage.md explains each column. */
export const logSchema: Schema = {
  object: 'RevocationLog',
  tables: [
    logTable,
    entryTable,
    snapshotTable,
    snapshotReferenceTable,
    owedTable,
    denialTable,
    namedScopeTable,
    catalogueTable,
    leafTable,
    tileTable,
    checkpointTable,
    publishedKeyTable,
    headKeysTable,
  ],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS log (
          one       INTEGER PRIMARY KEY CHECK (one = 1),
          epoch     INTEGER NOT NULL,    -- raised when the log was restored
          seq       INTEGER NOT NULL,    -- of the newest entry, also where that has gone
          chain     TEXT NOT NULL,       -- the hash chain after it
          previous  TEXT,                -- where the epoch before ended, as JSON; null in the first
          delta_from INTEGER NOT NULL,   -- every entry after it is still here
          live      INTEGER NOT NULL,    -- workflow and block entries in the table
          issued_at INTEGER NOT NULL     -- unix seconds of the newest head signed; never goes back
        ) STRICT;
        CREATE TABLE IF NOT EXISTS entry (
          seq     INTEGER PRIMARY KEY,   -- gap-free: a reader that holds seq holds all before it
          ordered TEXT NOT NULL UNIQUE,  -- ordering the same twice is one entry
          kind    TEXT NOT NULL,         -- for the few that are looked for by it
          expires INTEGER NOT NULL,      -- unix seconds after which no token is left to hit
          record  BLOB NOT NULL,         -- the entry as verifiers get it, and as the chain has it
          chain   TEXT NOT NULL          -- the hash chain after this entry
        ) STRICT;
        CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires);
        -- Every head has all watermarks: without this it reads all that lives to find a handful.
        CREATE INDEX IF NOT EXISTS entry_watermark ON entry (seq) WHERE kind = 'watermark';
        CREATE TABLE IF NOT EXISTS snapshot (
          epoch INTEGER NOT NULL,
          seq   INTEGER NOT NULL,        -- of the last entry in it
          part  INTEGER NOT NULL,        -- a row holds at most 2 MB
          bytes BLOB NOT NULL,
          PRIMARY KEY (epoch, seq, part)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS snapshot_reference (
          epoch   INTEGER NOT NULL,
          seq     INTEGER NOT NULL,
          body    TEXT NOT NULL,         -- what the head says of it, as JSON
          made_at INTEGER NOT NULL,      -- unix seconds
          PRIMARY KEY (epoch, seq)
        ) STRICT;
      `,
    },
    { release: '0.2.0', readableFrom: 1, sql: OWED_TABLE + DENIAL_TABLES },
    { release: '0.3.0', readableFrom: 2, sql: CATALOGUE_TABLE },
    { release: '0.4.0', readableFrom: 3, sql: TREE_TABLES + PUBLISHED_KEY_TABLE + HEAD_KEYS_TABLE },
  ],
  triggers: {
    ...catalogueTriggers,
    ...headKeysTriggers,
    ...leafTriggers,
    log_moves_forward: `BEFORE UPDATE ON log
      WHEN NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq OR NEW.delta_from < OLD.delta_from
        OR NEW.issued_at < OLD.issued_at
      BEGIN SELECT RAISE(ABORT, 'the log never goes back'); END`,
    log_stays: `BEFORE DELETE ON log
      BEGIN SELECT RAISE(ABORT, 'the log never goes back'); END`,
    entry_is_final: `BEFORE UPDATE ON entry
      BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END`,
    entry_stays: `BEFORE DELETE ON entry
      WHEN OLD.kind <> 'denial'
        AND (OLD.expires >= unixepoch() OR OLD.seq > (SELECT delta_from FROM log))
      BEGIN SELECT RAISE(ABORT, 'what is revoked and alive, or in a delta, stays'); END`,
    denial_stays: `BEFORE DELETE ON entry
      WHEN OLD.kind = 'denial' AND (OLD.ordered IN (SELECT ordered FROM denial)
        OR OLD.seq > (SELECT delta_from FROM log))
      BEGIN SELECT RAISE(ABORT, 'what is denied, or in a delta, stays'); END`,
  },
};
