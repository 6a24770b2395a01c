/**
 * What an operator denies, and what living tokens name. In the log, because a mint asks it last:
 * a denial and a mint are in one order there.
 */
export const DENIAL_TABLES = `
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
