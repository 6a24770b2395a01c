/**
 * The tree over the positions of a log, of which witnesses cosign checkpoints. Of every full tile
 * and of the last one of each level, one row: a level above the first gets a hash with each 256 of
 * the level below.
 */
export const TREE_TABLES = `
        CREATE TABLE IF NOT EXISTS leaf (
          number  INTEGER PRIMARY KEY,   -- from 0, without gaps
          entry   BLOB NOT NULL          -- what the tree hashes
        ) STRICT;
        CREATE TABLE IF NOT EXISTS tile (
          level   INTEGER NOT NULL,
          number  INTEGER NOT NULL,
          hashes  BLOB NOT NULL,         -- up to 256 of 32 bytes
          PRIMARY KEY (level, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS checkpoint (
          one     INTEGER PRIMARY KEY CHECK (one = 1),
          size    INTEGER NOT NULL,      -- of the tree
          note    TEXT NOT NULL,         -- with the cosignatures that were verified
          sizes   TEXT NOT NULL          -- what each witness saw last, as JSON
        ) STRICT;
`;

/** The second copy of the leaves: what was once signed must survive a restore of the log. */
export const KEPT_LEAF_TABLE = `
        CREATE TABLE IF NOT EXISTS leaf (
          number  INTEGER PRIMARY KEY,
          entry   BLOB NOT NULL
        ) STRICT;
`;

export const leafTriggers = {
  leaf_is_final: `BEFORE UPDATE ON leaf
      BEGIN SELECT RAISE(ABORT, 'a leaf is never changed'); END`,
  leaf_stays: `BEFORE DELETE ON leaf
      BEGIN SELECT RAISE(ABORT, 'a tree never shrinks'); END`,
};
