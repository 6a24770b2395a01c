import { OWED_TABLE } from '../audit/owed-schema.ts';
import { owedTable } from '../audit/tables.ts';
import type { Schema } from '../platform/sqlite.ts';
import { eventTable, heardTable, streamTable } from './tables.ts';

/** The streams, and what waits in each; docs/reference/storage.md has the reasons. */
export const streamsSchema: Schema = {
  object: 'SignalStreams',
  tables: [streamTable, heardTable, eventTable, owedTable],
  steps: [
    {
      release: '0.1.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS stream (
          id            TEXT PRIMARY KEY, -- random
          audience      TEXT NOT NULL,    -- the receiver, as events name it
          method        TEXT NOT NULL,    -- urn:ietf:rfc:8935 (push) or urn:ietf:rfc:8936 (poll)
          url           TEXT,             -- where events are pushed to
          authorization TEXT,             -- secret: the header that the endpoint asks for
          receiver      TEXT NOT NULL,    -- SHA-256 of the receiver's token, hex
          status        TEXT NOT NULL CHECK (status IN ('enabled', 'paused', 'disabled')),
          reason        TEXT,             -- the operator's, for the status
          dropped       INTEGER NOT NULL DEFAULT 0, -- events that were lost to it
          failures      INTEGER NOT NULL DEFAULT 0, -- pushes in a row that did not go through
          fault         TEXT,             -- code of the last of them
          due           INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which nothing is pushed
          verified      INTEGER NOT NULL DEFAULT 0  -- unix seconds of the last verification event
        ) STRICT;
        CREATE TABLE IF NOT EXISTS heard (
          change TEXT PRIMARY KEY,  -- a change that is told again makes no second event
          at     INTEGER NOT NULL   -- unix seconds; forgotten when no event of it is left
        ) STRICT;
        CREATE INDEX IF NOT EXISTS heard_at ON heard (at);
        CREATE TABLE IF NOT EXISTS event (
          seq      INTEGER PRIMARY KEY AUTOINCREMENT,
          stream   TEXT NOT NULL,
          jti      TEXT NOT NULL,    -- by which its receiver acknowledges it
          claims   TEXT NOT NULL,    -- as JSON; signed anew whenever it is sent
          at       INTEGER NOT NULL, -- unix seconds
          refusals INTEGER NOT NULL DEFAULT 0, -- how often its receiver would not take it
          due      INTEGER NOT NULL DEFAULT 0, -- unix milliseconds before which it is not pushed
          UNIQUE (stream, jti)
        ) STRICT;
      `,
    },
    {
      release: '0.2.0',
      readableFrom: 1,
      sql: OWED_TABLE,
      adds: {
        // 1 for what a receiver is sent also while its stream is paused or disabled
        event: ['always INTEGER NOT NULL DEFAULT 0'],
      },
    },
  ],
  triggers: {},
};
