/**
 * The tables in which a log awaits the records of verifiers and counts refusals: those of the
 * former log, which took them with a step of 0.2.0, and of each log since.
 */
export const COUNTED_TABLES = `        CREATE TABLE IF NOT EXISTS awaited (
          verifier TEXT PRIMARY KEY,
          n        INTEGER NOT NULL,  -- it has numbered so many, and some of them have not come
          latest   INTEGER NOT NULL,  -- what it has said since
          due      INTEGER NOT NULL   -- unix milliseconds: what has not come by then is missing
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS awaited_due ON awaited (due);
        CREATE TABLE IF NOT EXISTS refused (
          minute INTEGER NOT NULL, -- since 1970
          agent  TEXT NOT NULL,    -- whom; empty for strangers
          at     TEXT NOT NULL CHECK (at IN ('token', 'call')),
          code   TEXT NOT NULL,    -- why
          n      INTEGER NOT NULL, -- how often
          sample TEXT,             -- the first of them as JSON; null beyond a few
          PRIMARY KEY (minute, agent, at, code)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS refuser (
          agent TEXT NOT NULL,
          hour  INTEGER NOT NULL,  -- since 1970
          n     INTEGER NOT NULL,  -- how often something was refused it
          PRIMARY KEY (agent, hour)
        ) STRICT, WITHOUT ROWID;
`;
