/** The log and its archive have the same table, with one row at most. */
export const HEAD_KEYS_TABLE = `
        CREATE TABLE IF NOT EXISTS head_keys (
          one    INTEGER PRIMARY KEY CHECK (one = 1),
          change INTEGER NOT NULL,       -- counts the changes, from 1
          lists  TEXT NOT NULL,          -- the keys that the head names, as JSON
          at     INTEGER NOT NULL        -- unix seconds
        ) STRICT;
`;

export const headKeysTriggers = {
  head_keys_move_forward: `BEFORE UPDATE ON head_keys WHEN NEW.change <= OLD.change
      BEGIN SELECT RAISE(ABORT, 'a key that was removed never comes back'); END`,
  head_keys_stay: `BEFORE DELETE ON head_keys
      BEGIN SELECT RAISE(ABORT, 'a log remembers which keys were removed'); END`,
} as const;
