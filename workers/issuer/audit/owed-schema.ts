/** The table of `OwedRecords`, for each object that owes records. */
export const OWED_TABLE = `
        CREATE TABLE IF NOT EXISTS owed (
          n      INTEGER PRIMARY KEY,  -- the order in which they are written
          id     TEXT NOT NULL UNIQUE, -- of the record
          record TEXT NOT NULL,        -- what will be written to the audit log, as JSON
          tries  INTEGER NOT NULL,     -- how often it could not be
          due    INTEGER NOT NULL      -- unix milliseconds before which it is not tried again
        ) STRICT;
`;
