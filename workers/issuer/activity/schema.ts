import type { Schema } from '../platform/sqlite.ts';
import {
  activityTable,
  foundByTable,
  indexStateTable,
  lastUseTable,
  logPositionTable,
  minuteTable,
  questionTable,
  topicTable,
} from './tables.ts';

/** The index of workflows: derived from the logs, and built again from them at any time. */
export const activitySchema: Schema = {
  object: 'Activity',
  tables: [
    activityTable,
    foundByTable,
    minuteTable,
    lastUseTable,
    questionTable,
    logPositionTable,
    topicTable,
    indexStateTable,
  ],
  steps: [
    {
      release: '0.4.0',
      readableFrom: 1,
      sql: `
        CREATE TABLE IF NOT EXISTS activity (
          root      TEXT PRIMARY KEY,
          changed   INTEGER NOT NULL,
          state     TEXT NOT NULL,
          state_at  INTEGER NOT NULL, -- unix milliseconds
          actor     TEXT,
          agent     TEXT,
          subject   TEXT,
          owner     TEXT,
          task      TEXT,
          tier      INTEGER,
          began     INTEGER NOT NULL, -- unix seconds, as the next ones
          ends      INTEGER NOT NULL,
          ended     INTEGER,
          last_call INTEGER,
          mints     INTEGER NOT NULL,
          calls     INTEGER NOT NULL,
          denials   INTEGER NOT NULL,
          waiting   INTEGER NOT NULL,
          recent    TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS activity_newest ON activity (began, root);
        CREATE INDEX IF NOT EXISTS activity_changed ON activity (changed);
        CREATE INDEX IF NOT EXISTS activity_ended ON activity (ended, ends);
        CREATE TABLE IF NOT EXISTS found_by (
          root  TEXT NOT NULL,
          kind  TEXT NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (root, kind, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS minute (
          at      INTEGER PRIMARY KEY, -- unix seconds
          calls   INTEGER NOT NULL,
          denials INTEGER NOT NULL,
          mints   INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS last_use (
          agent   TEXT NOT NULL,
          tool    TEXT NOT NULL,
          dataset TEXT NOT NULL,
          at      INTEGER NOT NULL, -- unix milliseconds
          calls   INTEGER NOT NULL,
          root    TEXT NOT NULL,
          PRIMARY KEY (agent, tool, dataset)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS last_use_oldest ON last_use (at);
        CREATE TABLE IF NOT EXISTS question (
          approval TEXT PRIMARY KEY,
          root     TEXT,
          expires  INTEGER NOT NULL -- unix seconds
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS log_position (
          log  TEXT PRIMARY KEY,
          next INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS topic (
          name    TEXT PRIMARY KEY,
          changed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS index_state (
          one     INTEGER PRIMARY KEY CHECK (one = 1),
          epoch   INTEGER NOT NULL,
          seq     INTEGER NOT NULL,
          read_to INTEGER NOT NULL, -- unix milliseconds
          counts  TEXT NOT NULL
        ) STRICT;
      `,
    },
  ],
  triggers: {},
};
