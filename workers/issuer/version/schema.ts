import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import { activationTable, versionTable } from './tables.ts';

/** The versions and their activations; docs/reference/storage.md explains each column. */
export const versionsSchema: Schema = {
  object: 'Versions',
  tables: [versionTable, activationTable, owedTable],
  steps: [
    {
      release: '0.3.0',
      readableFrom: 1,
      sql: `${OWED_TABLE}
        CREATE TABLE IF NOT EXISTS version (
          seq            INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of loading
          id             TEXT NOT NULL UNIQUE, -- SHA-256 of the canonical form, lower-case hex
          policy         TEXT NOT NULL,        -- texts by file name, as JSON
          catalogue      TEXT NOT NULL,
          catalogue_hash TEXT NOT NULL,        -- SHA-256 of the catalogue, lower-case hex
          bytes          INTEGER NOT NULL,
          loaded_at      INTEGER NOT NULL,     -- unix milliseconds
          loaded_by      TEXT NOT NULL,
          source         TEXT NOT NULL,
          reason         TEXT NOT NULL,
          active_at      INTEGER               -- unix milliseconds; null if it never was
        ) STRICT;
        CREATE INDEX IF NOT EXISTS version_catalogue ON version (catalogue_hash);
        CREATE TABLE IF NOT EXISTS activation (
          n              INTEGER PRIMARY KEY AUTOINCREMENT,
          id             TEXT NOT NULL UNIQUE, -- of the record
          version        TEXT NOT NULL,
          before         TEXT,                 -- null if nothing was active
          catalogue_hash TEXT NOT NULL,
          at             INTEGER NOT NULL,     -- unix milliseconds
          actor          TEXT NOT NULL,
          source         TEXT NOT NULL,
          reason         TEXT NOT NULL,
          state          TEXT NOT NULL
            CHECK (state IN ('recording', 'active', 'ended', 'abandoned')),
          in_feed        INTEGER NOT NULL CHECK (in_feed IN (0, 1)),
          record         TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS activation_one ON activation (state)
          WHERE state IN ('recording', 'active');
      `,
    },
  ],
  triggers: {
    version_is_final: `BEFORE UPDATE OF id, policy, catalogue, catalogue_hash ON version
      BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END`,
    version_in_use_stays: `BEFORE DELETE ON version
      WHEN EXISTS (SELECT 1 FROM activation
        WHERE version = OLD.id AND state IN ('recording', 'active'))
      BEGIN SELECT RAISE(ABORT, 'a version in use is never dropped'); END`,
    activation_is_final: `BEFORE UPDATE OF id, version, before, catalogue_hash, record ON activation
      BEGIN SELECT RAISE(ABORT, 'an activation is never changed'); END`,
    activation_moves_forward: `BEFORE UPDATE OF state ON activation
      WHEN OLD.state <> NEW.state AND NOT (
        (OLD.state = 'recording' AND NEW.state IN ('active', 'abandoned'))
        OR (OLD.state = 'active' AND NEW.state = 'ended'))
      BEGIN SELECT RAISE(ABORT, 'an activation does not go back'); END`,
  },
};
