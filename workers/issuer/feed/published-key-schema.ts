/** Since when each key is in use. A restored log begins again: no decision depends on it. */
export const PUBLISHED_KEY_TABLE = `
        CREATE TABLE IF NOT EXISTS published_key (
          public_key TEXT PRIMARY KEY,     -- lower-case hex
          since      INTEGER NOT NULL      -- unix seconds
        ) STRICT, WITHOUT ROWID;
`;
