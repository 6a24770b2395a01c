/** The log and its archive have the same table, with one row at most. */
export const CATALOGUE_TABLE = `
        CREATE TABLE IF NOT EXISTS catalogue (
          one    INTEGER PRIMARY KEY CHECK (one = 1),
          change INTEGER NOT NULL,       -- counts the changes, from 1
          hash   TEXT NOT NULL,          -- of the text that the head names
          at     INTEGER NOT NULL        -- unix seconds
        ) STRICT;
`;

export const catalogueTriggers = {
  catalogue_moves_forward: `BEFORE UPDATE ON catalogue WHEN NEW.change <= OLD.change
      BEGIN SELECT RAISE(ABORT, 'an earlier catalogue never comes back'); END`,
  catalogue_stays: `BEFORE DELETE ON catalogue
      BEGIN SELECT RAISE(ABORT, 'a log that names a catalogue always names one'); END`,
} as const;
